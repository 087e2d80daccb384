from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import orjson
import pytest

from services.prediction.model import Model
from tests.support.mongo import free_port
from tests.support.repository import REPOSITORY


@pytest.mark.server
async def test_process_says_which_model_it_serves(state: Path, model: Model) -> None:
    variables = {"PREDICTION_STATE": str(state), "PREDICTION_PORT": str(free_port())}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.prediction"),
        cwd=REPOSITORY,
        env=os.environ | variables,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        line = orjson.loads(await asyncio.wait_for(process.stderr.readline(), 30))
    finally:
        process.kill()
        await process.wait()

    assert line["event"] == "model read"
    assert line["version"] == model.card.version
    assert line["features"] == list(model.card.features)
    assert line["mean_absolute_error"] == model.card.mean_absolute_error
    assert line["trained_le"]
    assert "simulées" in line["description"]

"""Starts the prediction service: `python -m services.prediction`."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict

import structlog

from protos import prediction_pb2, prediction_pb2_grpc
from services.common.log import configure_logging
from services.common.server import serve
from services.common.settings import load_settings
from services.prediction.model import BadModel, Model
from services.prediction.servicer import PredictionServicer
from services.prediction.settings import Settings
from services.prediction.store import RecruteurStore

log = structlog.get_logger(__name__)


async def main() -> None:
    settings = load_settings(Settings)
    configure_logging("prediction", settings.log_level)
    try:
        model = Model(settings.model)
    except BadModel as error:
        sys.exit(f"PREDICTION_MODEL: {error}")
    log.info("model read", path=str(settings.model), **asdict(model.card))
    store = RecruteurStore(settings.state, model, settings.curve)
    servicer = PredictionServicer(store)
    await serve(
        prediction_pb2.DESCRIPTOR.services_by_name["Prediction"].full_name,
        lambda server: prediction_pb2_grpc.add_PredictionServicer_to_server(servicer, server),
        store.ping,
        settings,
    )


if __name__ == "__main__":
    asyncio.run(main())

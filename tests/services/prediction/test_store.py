from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from services.common.errors import UpstreamUnavailable
from services.common.report import ImportConsole
from services.prediction.load import import_employers
from services.prediction.model import Model
from services.prediction.score import ALTERNANCE
from services.prediction.store import RecruteurStore
from tests.support.prediction.small_france import employer, write_data


def import_some(count: int, folder: Path, quiet: ImportConsole) -> None:
    data = write_data(folder / "data", map(employer, range(1, count + 1)))
    import_employers(data, folder / "state", fictive=False, console=quiet)


async def test_store_without_data_says_what_to_run(tmp_path: Path, model: Model) -> None:
    store = RecruteurStore(tmp_path, model, ALTERNANCE)

    with pytest.raises(UpstreamUnavailable, match=r"run services\.prediction\.load"):
        await store.ping()


async def test_new_import_is_served_without_a_restart(
    tmp_path: Path, model: Model, quiet: ImportConsole
) -> None:
    store = RecruteurStore(tmp_path / "state", model, ALTERNANCE, poll_period_s=0)
    import_some(60, tmp_path, quiet)
    before = await store.ranking()

    import_some(80, tmp_path, quiet)
    after = await store.ranking()

    assert (len(before.table), len(after.table)) == (60, 80)


async def test_first_requests_wait_for_one_reading(
    tmp_path: Path, model: Model, quiet: ImportConsole
) -> None:
    store = RecruteurStore(tmp_path / "state", model, ALTERNANCE)
    import_some(60, tmp_path, quiet)

    rankings = await asyncio.gather(*(store.ranking() for _ in range(20)))

    assert len({id(ranking) for ranking in rankings}) == 1


async def test_broken_import_leaves_the_one_before(
    tmp_path: Path, model: Model, quiet: ImportConsole
) -> None:
    store = RecruteurStore(tmp_path / "state", model, ALTERNANCE, poll_period_s=0)
    import_some(60, tmp_path, quiet)
    before = await store.ranking()
    import_some(80, tmp_path, quiet)
    (tmp_path / "state" / "current" / "employers.v1.npz").write_bytes(b"not a table")

    assert await store.ranking() is before

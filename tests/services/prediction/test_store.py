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
from tests.support.logs import LogLines
from tests.support.prediction.small_france import employer, write_data


def import_some(count: int, folder: Path, quiet: ImportConsole) -> None:
    data = write_data(folder / "data", map(employer, range(1, count + 1)))
    import_employers(data, folder / "state", fictive=False, console=quiet)


async def test_store_without_data_says_what_to_run(tmp_path: Path, model: Model) -> None:
    store = RecruteurStore(tmp_path, model, ALTERNANCE)

    with pytest.raises(
        UpstreamUnavailable, match=r"never imported: import them with python -m services\.prediction\.load"
    ):
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
    (tmp_path / "state" / "current" / "employers.npz").write_bytes(b"not a table")

    assert await store.ranking() is before


@pytest.mark.parametrize("damage", [(".format", b"0"), ("employers.npz", b"PK\3\4 cut off")])
async def test_data_that_cannot_be_read_is_refused_in_one_sentence_until_the_next_import(
    tmp_path: Path, model: Model, quiet: ImportConsole, damage: tuple[str, bytes]
) -> None:
    import_some(60, tmp_path, quiet)
    file, content = damage
    (tmp_path / "state" / "current" / file).write_bytes(content)
    store = RecruteurStore(tmp_path / "state", model, ALTERNANCE, poll_period_s=0)

    with pytest.raises(
        UpstreamUnavailable, match=r"another version: import them with python -m services\.prediction\.load"
    ):
        await store.ping()
    import_some(80, tmp_path, quiet)

    assert len((await store.ranking()).table) == 80


async def test_generation_that_cannot_be_read_is_told_of_once(
    tmp_path: Path, model: Model, quiet: ImportConsole, log_lines: LogLines
) -> None:
    import_some(60, tmp_path, quiet)
    (tmp_path / "state" / "current" / ".format").unlink()
    store = RecruteurStore(tmp_path / "state", model, ALTERNANCE, poll_period_s=0)

    for _ in range(3):
        with pytest.raises(UpstreamUnavailable):
            await store.ping()

    (line,) = log_lines()
    assert "/.format: missing; mend it with: " in line["reason"]

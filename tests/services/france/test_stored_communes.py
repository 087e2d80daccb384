from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from services.france.stored_communes import COMMUNES_FILE, read_communes, write_communes
from tests.support.france.communes import table_of


def test_written_table_is_read_back_whole(tmp_path: Path) -> None:
    communes = table_of()

    write_communes(tmp_path, communes)

    assert list(read_communes(tmp_path)) == list(communes)


@pytest.mark.parametrize(
    "change",
    [
        lambda stored: stored["communes"],
        lambda stored: stored | {"format": 0},
        lambda stored: {"communes": stored["communes"]},
        lambda stored: stored | {"communes": [{"insee": "46042", "nom": "Cahors"}]},
        lambda stored: stored | {"communes": []},
    ],
)
def test_table_of_another_version_is_refused(tmp_path: Path, change: object) -> None:
    assert callable(change)
    write_communes(tmp_path, table_of())
    path = tmp_path / COMMUNES_FILE
    path.write_bytes(orjson.dumps(change(orjson.loads(path.read_bytes()))))

    with pytest.raises(ValueError, match=r"commune|_Stored"):
        read_communes(tmp_path)


def test_table_that_is_missing_or_cut_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_communes(tmp_path)

    write_communes(tmp_path, table_of())
    path = tmp_path / COMMUNES_FILE
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ValueError, match="_Stored"):
        read_communes(tmp_path)

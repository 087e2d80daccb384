from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.common.manifest import NAME, damage_of, write_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with its list of files."""
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "rows").write_bytes(b"rows")
    (tmp_path / "tables").write_bytes(b"tables")
    (tmp_path / "lock").write_bytes(b"")
    write_manifest(tmp_path)
    return tmp_path


def test_whole_folder_has_no_damage_whatever_was_added(folder: Path) -> None:
    (folder / "index" / "added").write_bytes(b"added")
    (folder / ".previous").write_bytes(b"gen-1")

    assert damage_of(folder) == ""


@given(before=st.binary(max_size=50), after=st.binary(max_size=50))
def test_any_other_content_is_seen(before: bytes, after: bytes) -> None:
    assume(before != after)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rows").write_bytes(before)
        write_manifest(folder)
        (folder / "rows").write_bytes(after)

        damage = damage_of(folder)

    assert damage.startswith(f"{folder / 'rows'}: ")
    assert (f"{len(after)} bytes instead of {len(before)}" in damage) == (len(after) != len(before))


def test_first_damaged_file_is_named_and_the_others_counted(folder: Path) -> None:
    (folder / "index" / "rows").unlink()
    (folder / "lock").unlink()
    (folder / "tables").write_bytes(b"")

    assert damage_of(folder) == f"{folder / 'index' / 'rows'}: missing (and 2 more)"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"rows": 1}', b'{"rows": ["a", "b"]}', b"\xff"])
def test_list_that_is_none_is_named(folder: Path, content: bytes) -> None:
    (folder / NAME).write_bytes(content)

    assert damage_of(folder) == f"{folder / NAME}: not the list of files that the import wrote"


def test_folder_that_is_none_is_named(folder: Path) -> None:
    assert damage_of(folder / "absent") == f"{folder / 'absent'}: missing"
    assert damage_of(folder / "tables") == f"{folder / 'tables'}: a file instead of a folder"

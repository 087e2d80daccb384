from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.common.generation import (
    Format,
    StateUnreadable,
    current_generation,
    new_generation,
    previous_generation,
    read_folder,
    read_generation,
    roll_back,
)
from tests.support.repository import REPOSITORY

LAYOUT = Format("1", "python -m an.importer")
OTHER = Format("2", "python -m an.importer")


def write(state: Path, text: str, layout: Format = LAYOUT) -> Path:
    """Write a generation with the text in two files; returns its folder."""
    with new_generation(state, layout) as folder:
        (folder / "first").write_text(text)
        (folder / "second").write_text(text)
    current = current_generation(state)
    assert current is not None
    return current


def generations(state: Path) -> set[Path]:
    return set(state.resolve().glob("gen-*"))


def test_nothing_is_current_before_the_first_generation(tmp_path: Path) -> None:
    assert current_generation(tmp_path) is None
    assert current_generation(tmp_path / "absent") is None


def test_generation_is_current_once_the_block_ends_and_not_before(tmp_path: Path) -> None:
    state = tmp_path / "made" / "on demand"
    with new_generation(state, LAYOUT) as folder:
        assert list(folder.iterdir()) == []
        (folder / "rows").write_text("1")
        assert current_generation(state) is None

    current = current_generation(state)

    assert current is not None
    assert (current / "rows").read_text() == "1"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_failed_block_changes_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    before = write(tmp_path, "old")

    def fail() -> None:
        with new_generation(tmp_path, LAYOUT) as folder:
            (folder / "first").write_text("new")
            raise error

    with pytest.raises(error):
        fail()

    assert current_generation(tmp_path) == before
    assert (before / "first").read_text() == "old"
    assert generations(tmp_path) == {before}


def test_previous_generation_stays_and_older_ones_go(tmp_path: Path) -> None:
    folders = [write(tmp_path, str(number)) for number in range(4)]

    assert generations(tmp_path) == set(folders[2:])
    assert current_generation(tmp_path) == folders[3]


def test_previous_generation_stays_where_the_state_is_a_relative_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    state = Path(".lba")

    folders = [write(state, str(number)) for number in range(3)]

    assert generations(state) == set(folders[1:])


def test_previous_generation_stays_where_the_state_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    state = tmp_path / "state"
    state.symlink_to("disk")

    folders = [write(state, str(number)) for number in range(3)]

    assert generations(state) == set(folders[1:])


@pytest.mark.server
def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    before = write(tmp_path, "old")
    program = (
        "import os, signal, sys, pathlib\n"
        "from services.common.generation import Format, new_generation\n"
        "with new_generation(pathlib.Path(sys.argv[1]), Format('1', '')) as folder:\n"
        "    (folder / 'first').write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, tmp_path], cwd=REPOSITORY, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(generations(tmp_path)) == 2
    assert current_generation(tmp_path) == before

    after = write(tmp_path, "new")

    assert generations(tmp_path) == {before, after}


def test_link_that_was_never_moved_into_place_is_removed(tmp_path: Path) -> None:
    (tmp_path / "current-gen-killed").symlink_to("gen-killed")

    current = write(tmp_path, "new")

    assert {path.name for path in tmp_path.iterdir()} == {".writer", "current", current.name}


def test_reader_whose_generation_was_removed_meanwhile_is_not_told_that_there_is_none(tmp_path: Path) -> None:
    folder = write(tmp_path, "old")
    shutil.rmtree(folder)

    assert current_generation(tmp_path) == folder


def test_readers_never_see_a_mixture_nor_nothing(tmp_path: Path) -> None:
    write(tmp_path, "start")
    done = threading.Event()

    def keep_writing(name: str) -> int:
        return len({write(tmp_path, f"{name} {number}" * 1000) for number in range(40)})

    def keep_reading() -> set[str]:
        seen = set()
        while not done.is_set():
            folder = current_generation(tmp_path)
            assert folder is not None
            try:
                first, second = (folder / "first").read_text(), (folder / "second").read_text()
            except FileNotFoundError:
                continue  # Two newer generations exist, so the reader opens the current one.
            assert first == second
            seen.add(first)
        return seen

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(keep_reading) for _ in range(2)]
        writers = [pool.submit(keep_writing, name) for name in ("a", "b")]
        for writer in writers:
            writer.exception()
        done.set()

    assert [writer.result() > 1 for writer in writers] == [True, True]
    assert all(len(reader.result()) > 1 for reader in readers)
    assert len(generations(tmp_path)) == 2


def test_previous_generation_is_the_one_that_was_replaced(tmp_path: Path) -> None:
    assert previous_generation(tmp_path) is None
    first = write(tmp_path, "first")
    assert previous_generation(tmp_path) is None

    write(tmp_path, "second")

    assert previous_generation(tmp_path) == first


def test_roll_back_swaps_the_two_generations_and_can_be_undone(tmp_path: Path) -> None:
    old, new = write(tmp_path, "old"), write(tmp_path, "new")

    assert roll_back(tmp_path, LAYOUT) == old
    assert (current_generation(tmp_path), previous_generation(tmp_path)) == (old, new)

    assert roll_back(tmp_path, LAYOUT) == new
    assert (current_generation(tmp_path), previous_generation(tmp_path)) == (new, old)
    assert generations(tmp_path) == {old, new}


def test_generation_written_after_a_roll_back_replaces_the_one_served(tmp_path: Path) -> None:
    old, _ = write(tmp_path, "old"), write(tmp_path, "refused")
    roll_back(tmp_path, LAYOUT)

    newest = write(tmp_path, "newest")

    assert (current_generation(tmp_path), previous_generation(tmp_path)) == (newest, old)
    assert generations(tmp_path) == {old, newest}


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_to_roll_back_changes_nothing(tmp_path: Path, count: int) -> None:
    state = tmp_path / "state"
    written = [write(state, str(number)) for number in range(count)]

    assert roll_back(state, LAYOUT) is None

    assert current_generation(state) == (written[0] if written else None)


def test_previous_generation_that_was_removed_by_hand_is_none(tmp_path: Path) -> None:
    old, new = write(tmp_path, "old"), write(tmp_path, "new")
    shutil.rmtree(old)

    assert previous_generation(tmp_path) is None
    assert roll_back(tmp_path, LAYOUT) is None
    assert current_generation(tmp_path) == new


def first_file(folder: Path) -> str:
    return (folder / "first").read_text()


def test_current_generation_is_read(tmp_path: Path) -> None:
    write(tmp_path, "old")
    write(tmp_path, "new")

    assert read_generation(tmp_path, LAYOUT, first_file) == "new"


def test_state_without_data_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(
        StateUnreadable, match=r": no data was imported; mend it with: python -m an\.importer --state "
    ):
        read_generation(tmp_path, LAYOUT, first_file)


def test_generation_of_another_version_is_not_even_looked_at(tmp_path: Path) -> None:
    folder = write(tmp_path, "old")
    looked_at: list[Path] = []

    with pytest.raises(
        StateUnreadable,
        match=rf"{folder}: written by another version \(format 1, here 2\); "
        rf"mend it with: python -m an\.importer --state {tmp_path} --data DIR$",
    ):
        read_generation(tmp_path, OTHER, looked_at.append)
    assert looked_at == []


def test_generation_that_lists_no_files_is_of_another_version(tmp_path: Path) -> None:
    folder = write(tmp_path, "old")
    (folder / ".files").unlink()
    (folder / ".format").write_text("0")

    with pytest.raises(StateUnreadable, match=r"format 0, here 1"):
        read_folder(folder, LAYOUT, first_file)


@pytest.mark.parametrize(
    "error",
    [KeyError("nom"), ValueError("no JSON"), TypeError(), OSError(), EOFError(), zipfile.BadZipFile()],
)
def test_damaged_generation_says_what_to_run(tmp_path: Path, error: type[Exception]) -> None:
    folder = write(tmp_path, "old")

    def fail(_: Path) -> None:
        raise error

    with pytest.raises(
        StateUnreadable, match=rf"{folder}: can't be read \({type(error).__name__}: .*\); mend it with: "
    ):
        read_folder(folder, LAYOUT, fail)


def test_generation_of_another_version_is_not_rolled_back_to(tmp_path: Path) -> None:
    write(tmp_path, "old", OTHER)
    new = write(tmp_path, "new")

    with pytest.raises(StateUnreadable, match="another version"):
        roll_back(tmp_path, LAYOUT)
    assert current_generation(tmp_path) == new

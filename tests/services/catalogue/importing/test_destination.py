from __future__ import annotations

import time
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from services.catalogue.engine.tantivy.destination import FolderDestination
from services.catalogue.engine.tantivy.store import TantivyFormationStore
from services.catalogue.importing.data_folder import Import
from services.catalogue.importing.destination import Edition, Manifest, NothingToRollBack, manifest_of
from services.catalogue.importing.formations import Origin
from services.catalogue.load import read_edition
from services.catalogue.tables import Tables, decode_tables, encode_tables, read_tables
from services.common.generation import current_generation, previous_generation
from services.common.manifest import write_manifest
from services.common.report import ImportConsole
from services.common.slices import SLICE_ROWS
from tests.support.catalogue.small_france import TODAY, served_id, write_data


@pytest.fixture
def edition(tmp_path: Path, quiet: ImportConsole) -> Edition:
    data = write_data(tmp_path / "data", [{"id": "1"}, {"id": "2"}])
    return read_edition(Import(data, Origin("test", fictive=False, today=TODAY), quiet), quiet)


@pytest.fixture
def destination(tmp_path: Path) -> FolderDestination:
    return FolderDestination(tmp_path / "state")


def other(edition: Edition) -> Edition:
    fewer = edition.formations[:1]
    return Edition(fewer, edition.tables, manifest_of(fewer, edition.tables))


async def test_what_is_published_is_live(
    tmp_path: Path, destination: FolderDestination, edition: Edition, quiet: ImportConsole
) -> None:
    assert await destination.live() is None

    await destination.publish(edition, quiet)

    assert await destination.live() == edition.manifest
    folder = current_generation(tmp_path / "state")
    assert folder is not None
    assert in_full(read_tables(folder)) == edition.tables
    key = served_id("1")
    expected = next(each.formation for each in edition.formations if each.formation.id == key)
    assert await TantivyFormationStore.open(folder).by_ids([key]) == {key: expected}


async def test_rollback_serves_the_previous_edition_and_can_be_undone(
    destination: FolderDestination, edition: Edition, quiet: ImportConsole
) -> None:
    with pytest.raises(NothingToRollBack, match="no previous generation"):
        await destination.rollback()
    await destination.publish(edition, quiet)
    await destination.publish(other(edition), quiet)

    assert await destination.rollback() == edition.manifest
    assert await destination.live() == edition.manifest

    assert await destination.rollback() == other(edition).manifest
    assert await destination.live() == other(edition).manifest


@pytest.fixture
async def previous(
    tmp_path: Path, destination: FolderDestination, edition: Edition, quiet: ImportConsole
) -> Path:
    """The folder of the first of two published editions."""
    await destination.publish(edition, quiet)
    await destination.publish(other(edition), quiet)
    folder = previous_generation(tmp_path / "state")
    assert folder is not None
    return folder


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("tables.jsonl", '{"format":1}', "another version"),
        ("tables.jsonl", "[1", "can't be served"),
        ("manifest.json", "{}", "can't be served"),
        (".format", "0", "another version"),
    ],
)
async def test_previous_edition_that_this_version_cannot_read_is_not_rolled_back_to(
    previous: Path, destination: FolderDestination, name: str, content: str, reason: str
) -> None:
    live = await destination.live()
    (previous / name).write_text(content)
    write_manifest(previous)

    with pytest.raises(NothingToRollBack, match=reason):
        await destination.rollback()

    assert await destination.live() == live


@pytest.mark.parametrize("damaged", ["manifest.json", ".format"])
async def test_generation_of_another_version_is_not_live(
    damaged: str, tmp_path: Path, destination: FolderDestination, edition: Edition, quiet: ImportConsole
) -> None:
    await destination.publish(edition, quiet)
    folder = current_generation(tmp_path / "state")
    assert folder is not None
    (folder / damaged).unlink()

    assert await destination.live() is None


async def test_publication_that_fails_leaves_what_was_live(
    tmp_path: Path, destination: FolderDestination, edition: Edition, quiet: ImportConsole
) -> None:
    await destination.publish(edition, quiet)
    unwritable = replace(edition, manifest=Manifest(2**70, "x"))

    with pytest.raises(TypeError):
        await destination.publish(unwritable, quiet)

    assert await destination.live() == edition.manifest
    assert len(list((tmp_path / "state").glob("gen-*"))) == 1


def test_manifest_is_of_the_content_in_any_order(edition: Edition) -> None:
    formations, tables = edition.formations, edition.tables

    assert manifest_of(formations, tables) == edition.manifest
    assert manifest_of(formations[::-1], tables) == edition.manifest
    assert manifest_of(formations[:1], tables) != edition.manifest
    changed = replace(formations[0], formation=replace(formations[0].formation, sessions=("2030-01",)))
    assert manifest_of([changed, formations[1]], tables).fingerprint != edition.manifest.fingerprint
    assert manifest_of(formations, replace(tables, mobilite={})).fingerprint != edition.manifest.fingerprint


def test_tables_are_read_as_they_were_written(edition: Edition) -> None:
    read = decode_tables(encode_tables(edition.tables))

    assert in_full(read) == edition.tables
    assert_same_columns(read.suggestion_indexes(), edition.tables.suggestion_indexes())


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format":1}', b'{"format":3,"romes":3}'])
def test_tables_that_are_not_whole_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode_tables(content)


def test_tables_with_any_changed_byte_are_refused(edition: Edition) -> None:
    content = encode_tables(edition.tables)

    for place in range(1, len(content), len(content) // 200):
        changed = bytearray(content)
        changed[place] ^= 1
        with pytest.raises(ValueError, match=r".+"):
            decode_tables(bytes(changed))


def test_rows_are_decoded_in_slices(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    paused: list[float] = []
    monkeypatch.setattr(time, "sleep", paused.append)
    communes = [
        replace(commune, insee=f"{row:05}") for commune in edition.tables.communes for row in range(100)
    ]

    read = decode_tables(encode_tables(replace(edition.tables, communes=communes, indexes=None)))

    assert len(read.communes) == len(communes)
    assert len(paused) == len(communes) // SLICE_ROWS >= 2


def in_full(tables: Tables) -> Tables:
    """With all rows read, to compare them."""
    return replace(tables, metiers=list(tables.metiers))


def assert_same_columns(read: object, written: object) -> None:
    if is_dataclass(written):
        assert type(read) is type(written)
        for column in fields(written):
            assert_same_columns(getattr(read, column.name), getattr(written, column.name))
    else:
        assert np.array_equal(np.asarray(read), np.asarray(written))
        assert np.asarray(read).dtype == np.asarray(written).dtype

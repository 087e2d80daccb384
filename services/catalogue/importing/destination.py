"""Where an import puts what it has read: beside what is being served, then in its place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import orjson
from pydantic import TypeAdapter, ValidationError

from services.catalogue.engine.index_row import IndexedFormation
from services.catalogue.engine.tantivy.store import write_index
from services.catalogue.tables import Tables, encode_tables, read_tables, write_tables
from services.catalogue.text.analyser import VERSION
from services.common.generation import current_generation, new_generation, previous_generation, roll_back
from services.common.report import ImportConsole, ImportReport, write_rejections

REPORT = "report.json"
REJECTED = "rejected.csv"
_MANIFEST = "manifest.json"


class NothingToRollBack(Exception):
    """There is no previous generation, or this version can't read it; the message says which."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What tells one generation of the data from another."""

    formations: int
    """Trainings."""
    fingerprint: str
    """The same for the same content, read by the same version of the analyser and of the tables."""


_MANIFEST_TYPE = TypeAdapter(Manifest)


@dataclass(frozen=True, slots=True)
class Edition:
    """All that one import publishes."""

    formations: Sequence[IndexedFormation]
    tables: Tables
    manifest: Manifest
    reports: Sequence[ImportReport] = ()


class Target(Protocol):
    """The place that an engine is served from. Engines that do not answer raise UpstreamUnavailable."""

    async def live(self) -> Manifest | None:
        """What is served now; None when nothing is, or nothing that this version can read."""

    async def publish(self, edition: Edition, console: ImportConsole) -> None:
        """Build beside what is served, then swap, at once and for all readers.

        What a killed import left is removed. What was served is kept, one generation only. When
        anything fails nothing has changed.
        """

    async def rollback(self) -> Manifest:
        """Serve the previous generation again, and keep the present one as the previous.

        Raises NothingToRollBack.
        """

    async def close(self) -> None:
        """Let go of connections."""


class FolderTarget:
    """A state folder, read by services on the same machine through the embedded engine."""

    def __init__(self, state: Path) -> None:
        self._state = state

    async def live(self) -> Manifest | None:
        folder = current_generation(self._state)
        return _read_manifest(folder) if folder else None

    async def publish(self, edition: Edition, console: ImportConsole) -> None:
        def track(rows: list[IndexedFormation]) -> Iterable[IndexedFormation]:
            return console.track(rows, "index", len(rows))

        with new_generation(self._state) as folder:
            write_index(folder, edition.formations, track)
            write_tables(folder, edition.tables)
            (folder / REPORT).write_bytes(orjson.dumps(list(edition.reports), option=orjson.OPT_INDENT_2))
            write_rejections(folder / REJECTED, edition.reports)
            (folder / _MANIFEST).write_bytes(orjson.dumps(edition.manifest))

    async def rollback(self) -> Manifest:
        folder = previous_generation(self._state)
        if folder is None:
            raise NothingToRollBack(f"{self._state} holds no previous generation")
        manifest = _read_manifest(folder)
        try:
            read_tables(folder)
        except (OSError, ValueError) as error:
            raise NothingToRollBack(f"the previous generation can't be served: {error}") from error
        if manifest is None:
            raise NothingToRollBack(f"the previous generation ({folder}) has no manifest")
        roll_back(self._state)
        return manifest

    async def close(self) -> None:
        """Nothing is kept open."""


def _read_manifest(folder: Path) -> Manifest | None:
    try:
        return _MANIFEST_TYPE.validate_json((folder / _MANIFEST).read_bytes())
    except (OSError, ValidationError):
        return None


def manifest_of(formations: Sequence[IndexedFormation], tables: Tables) -> Manifest:
    """Of the content alone: neither the names of files nor the order of their rows count."""
    digest = hashlib.blake2b(VERSION.encode(), digest_size=16)
    digest.update(encode_tables(tables))
    for each in sorted(formations, key=lambda each: each.formation.id):
        digest.update(orjson.dumps(each.formation))
    return Manifest(len(formations), digest.hexdigest())

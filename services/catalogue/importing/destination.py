"""The destination of an import: it builds a new generation, then serves it in place of the current one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson

from services.catalogue.tables import Tables, encode_tables
from services.catalogue.text.analyser import VERSION
from services.catalogue.text.formation_tokens import IndexedFormation
from services.common.report import ImportConsole, ImportReport

REPORT = "report.json"
REJECTED = "rejected.csv"


class NothingToRollBack(Exception):
    """There is no previous generation, or this version can't read it; the message says which."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Identifies the content of a generation."""

    formations: int
    """Number of trainings."""
    fingerprint: str
    """Digest of the content, of the analyser's version and of the tables' format, in hexadecimal."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Everything that one import publishes."""

    formations: Sequence[IndexedFormation]
    tables: Tables
    manifest: Manifest
    reports: Sequence[ImportReport] = ()


class Destination(Protocol):
    """Where an engine keeps its generations. Raises UpstreamUnavailable when the engine does not answer."""

    async def live(self) -> Manifest | None:
        """The manifest that is served; None when there is none, or when this version can't read it."""

    async def publish(self, edition: Edition, console: ImportConsole) -> None:
        """Build a new generation, then switch all readers to it in one atomic step.

        Keeps one previous generation, and removes the remains of killed imports. A failure changes nothing.
        """

    async def rollback(self) -> Manifest:
        """Serve the previous generation again; the current one becomes the previous one.

        Raises NothingToRollBack.
        """

    async def close(self) -> None:
        """Close the connections."""


def manifest_of(formations: Sequence[IndexedFormation], tables: Tables) -> Manifest:
    """The manifest of the content, independent of file names and of the order of rows."""
    digest = hashlib.blake2b(VERSION.encode(), digest_size=16)
    digest.update(encode_tables(tables))
    for each in sorted(formations, key=lambda each: each.formation.id):
        digest.update(orjson.dumps(each.formation))
    return Manifest(len(formations), digest.hexdigest())

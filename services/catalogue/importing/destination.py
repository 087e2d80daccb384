"""Where an import puts what it has read: beside what is being served, then in its place."""

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
    """What tells one generation of the data from another."""

    formations: int
    """Trainings."""
    fingerprint: str
    """The same for the same content, read by the same version of the analyser and of the tables."""


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


def manifest_of(formations: Sequence[IndexedFormation], tables: Tables) -> Manifest:
    """Of the content alone: neither the names of files nor the order of their rows count."""
    digest = hashlib.blake2b(VERSION.encode(), digest_size=16)
    digest.update(encode_tables(tables))
    for each in sorted(formations, key=lambda each: each.formation.id):
        digest.update(orjson.dumps(each.formation))
    return Manifest(len(formations), digest.hexdigest())

"""Merging the three sources of employers into one list that can be paged.

Each source gives its rows in the order asked for, from its own cursor; the merged page takes the
first of them all, and its cursor holds where each source was left. The same need found in two
sources is one row: the row of the source that ranks first, with the others attached.
"""

from __future__ import annotations

import base64
import hashlib
import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import NamedTuple, Protocol

import orjson
import strawberry

from gateway.search.sources import Source
from protos import jobs_pb2, matcha_pb2, prediction_pb2
from services.common.errors import InvalidRequest, Problem
from services.france.names import words

Node = matcha_pb2.BesoinMatcha | jobs_pb2.Offre | prediction_pb2.RecruteurProbable

PRIORITY = (Source.BESOINS, Source.OFFRES, Source.RECRUTEURS)
"""At the same place in the order, and between two rows of one need, the first wins."""

_RANK = {source: rank for rank, source in enumerate(PRIORITY)}
_MAX_SEEN = 100
_HASH_CHARS = 6


@strawberry.enum(description="Ordre des employeurs.")
class EmployeurSort(Enum):
    """Within one rank, PRIORITY decides."""

    DISTANCE = strawberry.enum_value("distance", description="Les plus proches d'abord.")
    DATE = strawberry.enum_value(
        "date", description="Les besoins et offres les plus récents d'abord, puis les recruteurs probables."
    )
    SCORE = strawberry.enum_value(
        "score", description="Les besoins et offres d'abord, puis les recruteurs les plus probables."
    )


class SourceEdge(Protocol):
    """An edge of any of the three sources."""

    @property
    def cursor(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Position:
    """Where a merged list stands: the cursor of each source, in PRIORITY order, and the published
    needs already shown, so that their employers are not shown again as probable recruiters.
    """

    cursors: tuple[str, str, str] = ("", "", "")
    seen: tuple[str, ...] = ()


START = Position()


class Place(NamedTuple):
    """What a position is made of, when somebody asks for it: most rows' cursors are not selected."""

    cursors: tuple[str, str, str]
    before: Sequence[str]
    """Hashes of the needs of the pages before."""
    published: Sequence[str]
    """Identities of the needs of this page; it grows with the page."""
    published_count: int
    """Of those that were there already."""

    @property
    def position(self) -> Position:
        last = self.published[max(0, self.published_count - _MAX_SEEN) : self.published_count]
        return Position(self.cursors, (*self.before, *map(_hash, last))[-_MAX_SEEN:])


@dataclass(slots=True)
class Row:
    """One employer of the merged list."""

    source: Source
    node: Node
    place: Place
    """Where the list stands just after this row."""
    aussi_dans: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Window:
    """What one source gave; empty when it failed or was not asked."""

    source: Source
    edges: Sequence[tuple[str, Node]] = ()
    """Cursor and row."""
    has_more: bool = False
    total_count: int = 0


@dataclass(frozen=True)
class MergedPage:
    """The rows of a page of the merged list."""

    rows: list[Row]
    end: Position
    """Where the next page starts; it may be past the last row, when what followed was dropped."""
    has_next_page: bool


def encode_position(order: EmployeurSort, position: Position) -> str:
    """The unsigned cursor of a position."""
    raw = orjson.dumps([order.value, position.cursors, "".join(position.seen)])
    return base64.urlsafe_b64encode(raw).decode()


def decode_position(order: EmployeurSort, cursor: str) -> Position:
    """The position in a cursor that `encode_position` made (its signature is already checked).

    Raises InvalidRequest when it is of a list in another order.
    """
    if not cursor:
        return START
    found, cursors, seen = orjson.loads(base64.urlsafe_b64decode(cursor))
    if found != order.value:
        message = (
            "ce curseur vient d'une liste dans un autre ordre ; garder le même sort d'une page à l'autre"
        )
        raise InvalidRequest([Problem("after", message)])
    hashes = tuple(seen[i : i + _HASH_CHARS] for i in range(0, len(seen), _HASH_CHARS))
    return Position(tuple(cursors), hashes)


def merge(windows: Sequence[Window], order: EmployeurSort, start: Position, first: int) -> MergedPage:
    """The next `first` rows after `start`; fewer when a source ran out of the rows it gave while it
    has more, for what comes after them is not known.
    """
    page = _Page(start)
    left = {window.source: len(window.edges) for window in windows}
    known_to_end = {window.source: not window.has_more for window in windows}
    for _, source, cursor, node in heapq.merge(
        *(_keyed(window, order) for window in windows), key=lambda entry: entry[0]
    ):
        keys = identities(node)
        if len(page.rows) == first and not page.attaches(source, keys):
            return MergedPage(page.rows, page.place.position, has_next_page=True)
        page.take(source, cursor, node, keys)
        left[source] -= 1
        if not left[source] and not known_to_end[source]:
            return MergedPage(page.rows, page.place.position, has_next_page=True)
    return MergedPage(page.rows, page.place.position, has_next_page=False)


class _Page:
    """The page being filled."""

    def __init__(self, start: Position) -> None:
        self.rows: list[Row] = []
        self._before = start.seen
        self._cursors = list(start.cursors)
        self._published: list[str] = []
        self._by_identity: dict[str, Row] = {}

    def attaches(self, source: Source, keys: Sequence[str]) -> bool:
        """Whether taking the row of these identities would add no row to the page."""
        return source is Source.RECRUTEURS and (
            any(key in self._by_identity for key in keys) or self._was_shown_before(keys)
        )

    def take(self, source: Source, cursor: str, node: Node, keys: Sequence[str]) -> None:
        """Consume a row: it becomes a row of the page, joins one, or is dropped as already shown."""
        self._cursors[_RANK[source]] = cursor
        if source is not Source.RECRUTEURS:
            self._published += keys
        twin = next((row for key in keys if (row := self._by_identity.get(key))), None)
        if twin is not None and _same_need(twin, source, node):
            _attach(twin, source, node)
            self.rows[-1].place = self.place
        elif source is Source.RECRUTEURS and (self._is_published(keys) or self._was_shown_before(keys)):
            return
        else:
            twin = Row(source, node, self.place)
            self.rows.append(twin)
        self._by_identity.update(dict.fromkeys(keys, twin))

    @property
    def place(self) -> Place:
        besoins, offres, recruteurs = self._cursors
        return Place((besoins, offres, recruteurs), self._before, self._published, len(self._published))

    def _is_published(self, keys: Sequence[str]) -> bool:
        rows = map(self._by_identity.get, keys)
        return any(row is not None and row.source is not Source.RECRUTEURS for row in rows)

    def _was_shown_before(self, keys: Sequence[str]) -> bool:
        return bool(self._before) and any(_hash(key) in self._before for key in keys)


def _same_need(row: Row, source: Source, node: Node) -> bool:
    if source is row.source:
        return False  # one source does not repeat itself: two offers of a company are two needs
    if isinstance(node, prediction_pb2.RecruteurProbable) or row.source is Source.RECRUTEURS:
        return True
    return bool(_romes(row.node) & _romes(node))


def _attach(row: Row, source: Source, node: Node) -> None:
    if _RANK[source] < _RANK[row.source]:
        row.source, row.node, node = source, node, row.node
    row.aussi_dans.append(node)


def _romes(node: Node) -> set[str]:
    if isinstance(node, jobs_pb2.Offre):
        return {node.rome}
    return set(node.romes)


def identities(node: Node) -> list[str]:
    """Names under which the employer of a row is recognised: its SIRET, and its name with its commune."""
    match node:
        case prediction_pb2.RecruteurProbable():
            siret, names = node.siret, [node.raison_sociale, node.enseigne]
        case matcha_pb2.BesoinMatcha():
            entreprise = node.entreprise
            siret, names = entreprise.siret, [entreprise.raison_sociale, entreprise.enseigne]
        case _:
            siret, names = node.entreprise.siret, [node.entreprise.nom]
    commune = node.lieu.insee
    keys = [siret] if siret else []
    letters = filter(None, map(_letters, names)) if commune else ()
    return keys + [f"{each}@{commune}" for each in letters]


@lru_cache(10_000)  # the same employers come in many answers
def _letters(name: str) -> str:
    # "L'ORÉAL" and "LOREAL" are one: the spaces that folding leaves say nothing.
    return "".join(words(name))


def _hash(key: str) -> str:
    digest = hashlib.blake2b(key.encode(), digest_size=_HASH_CHARS).digest()
    return base64.urlsafe_b64encode(digest).decode()[:_HASH_CHARS]


def _keyed(window: Window, order: EmployeurSort) -> Iterator[tuple[tuple[float, ...], Source, str, Node]]:
    priority = _RANK[window.source]
    for index, (cursor, node) in enumerate(window.edges):
        yield (*_sort_key(window.source, node, order), priority, index), window.source, cursor, node


def _sort_key(source: Source, node: Node, order: EmployeurSort) -> tuple[float, float]:
    distance = node.distance_km if node.HasField("distance_km") else math.inf
    predicted = source is Source.RECRUTEURS
    match order:
        case EmployeurSort.DISTANCE:
            return (0, distance)
        case EmployeurSort.DATE if predicted:
            return (1, distance)
        case EmployeurSort.SCORE if isinstance(node, prediction_pb2.RecruteurProbable):
            return (1, -node.score)
        case EmployeurSort.DATE:
            return (0, -_published_at(node))
        case _:
            return (0, distance)


def _published_at(node: Node) -> float:
    match node:
        case matcha_pb2.BesoinMatcha():
            instant = node.cree_le
        case jobs_pb2.Offre():
            instant = node.publiee_le
        case _:
            instant = ""
    return datetime.fromisoformat(instant).timestamp() if instant else 0.0

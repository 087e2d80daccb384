"""Merges the three sources of employers into one list with pages.

Each source gives its rows in the requested order, from its own cursor. The merged page takes the first rows
of all of them, and its cursor holds the position in each source. A need that two sources have is one row: the
row of the source with the highest priority, with the others attached.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple

import strawberry

from gateway.search.identity import Node, identities, identity_hash
from gateway.search.position import MAX_SEEN, Position, encode_position
from gateway.search.sources import Source
from protos import jobs_pb2, matcha_pb2, prediction_pb2

Edge = matcha_pb2.BesoinEdge | jobs_pb2.OffreEdge | prediction_pb2.RecruteurEdge

PRIORITY = (Source.BESOINS, Source.OFFRES, Source.RECRUTEURS)
"""The first source wins between rows that compare equal, and between two rows of one need."""

_RANK = {source: rank for rank, source in enumerate(PRIORITY)}


@strawberry.enum(description="Ordre des employeurs.")
class EmployeurSort(Enum):
    """PRIORITY decides between rows that compare equal."""

    DISTANCE = strawberry.enum_value("distance", description="Les plus proches d'abord.")
    DATE = strawberry.enum_value(
        "date", description="Les besoins et offres les plus récents d'abord, puis les recruteurs probables."
    )
    SCORE = strawberry.enum_value(
        "score", description="Les besoins et offres d'abord, puis les recruteurs les plus probables."
    )


class Place(NamedTuple):
    """The parts of a position. The position is computed on demand, since most cursors are not selected."""

    start: Position
    """The position before the page."""
    cursors: tuple[str, str, str]
    published: Sequence[str]
    """Identities of the needs of this page; the list grows with the page."""
    published_count: int
    """Length of `published` when the row was added."""

    @property
    def position(self) -> Position:
        last = self.published[max(0, self.published_count - MAX_SEEN) : self.published_count]
        seen = (*self.start.seen, *map(identity_hash, last))
        return Position(self.start.digest, self.cursors, seen[-MAX_SEEN:])


@dataclass(slots=True)
class Row:
    """One row of the merged list, which EmployeurEdge shows."""

    source: Source
    edge: Edge
    """The edge in the answer of the source."""
    place: Place
    """The place just after this row."""
    aussi_dans: list[Node] = field(default_factory=list)

    @property
    def node(self) -> Node:
        return self.edge.node

    @property
    def cursor(self) -> str:
        return encode_position(self.place.position)

    @property
    def distance_km(self) -> float | None:
        return self.edge.distance_km if self.edge.HasField("distance_km") else None

    @property
    def score(self) -> int | None:
        return self.edge.score if isinstance(self.edge, prediction_pb2.RecruteurEdge) else None

    @property
    def romes(self) -> Sequence[str]:
        return self.edge.romes if isinstance(self.edge, prediction_pb2.RecruteurEdge) else ()

    @property
    def raisons(self) -> Sequence[prediction_pb2.Raison]:
        return self.edge.raisons if isinstance(self.edge, prediction_pb2.RecruteurEdge) else ()


@dataclass(frozen=True)
class Window:
    """The rows of one source; empty when it failed or was not asked."""

    source: Source
    edges: Sequence[Edge] = ()
    has_more: bool = False
    total_count: int = 0


@dataclass(frozen=True)
class MergedPage:
    """A page of the merged list."""

    rows: list[Row]
    end: Position
    """Where the next page starts. It is past the last row when the rows that followed were dropped."""
    has_next_page: bool


def merge(windows: Sequence[Window], order: EmployeurSort, start: Position, first: int) -> MergedPage:
    """The next `first` rows after `start`.

    There are fewer when all rows received from a source are used and it has more: the order of the following
    rows is then unknown.
    """
    page = _Page(start)
    remaining = {window.source: len(window.edges) for window in windows}
    is_complete = {window.source: not window.has_more for window in windows}
    entries = (_merge_entries(window, order) for window in windows)
    for _, source, edge in heapq.merge(*entries, key=lambda entry: entry[0]):
        keys = identities(edge.node)
        if len(page.rows) == first and not page.attaches(source, keys):
            return MergedPage(page.rows, page.place.position, has_next_page=True)
        page.take(source, edge, keys)
        remaining[source] -= 1
        if not remaining[source] and not is_complete[source]:
            return MergedPage(page.rows, page.place.position, has_next_page=True)
    return MergedPage(page.rows, page.place.position, has_next_page=False)


class _Page:
    """The page being filled."""

    def __init__(self, start: Position) -> None:
        self.rows: list[Row] = []
        self._start = start
        self._cursors = list(start.cursors)
        self._published: list[str] = []
        self._by_identity: dict[str, Row] = {}

    def attaches(self, source: Source, keys: Sequence[str]) -> bool:
        """Whether `take` would attach or drop the row with these identities, and add none."""
        return source is Source.RECRUTEURS and (
            any(key in self._by_identity for key in keys) or self._was_shown_before(keys)
        )

    def take(self, source: Source, edge: Edge, keys: Sequence[str]) -> None:
        """Add a row to the page, attach it to another row, or drop it because it was shown before."""
        self._cursors[_RANK[source]] = edge.cursor
        if source is not Source.RECRUTEURS:
            self._published += keys
        twin = next((row for key in keys if (row := self._by_identity.get(key))), None)
        if twin is not None and _same_need(twin, source, edge.node):
            _attach(twin, source, edge)
            self.rows[-1].place = self.place
        elif source is Source.RECRUTEURS and (self._is_published(keys) or self._was_shown_before(keys)):
            return
        else:
            twin = Row(source, edge, self.place)
            self.rows.append(twin)
        self._by_identity.update(dict.fromkeys(keys, twin))

    @property
    def place(self) -> Place:
        besoins, offres, recruteurs = self._cursors
        return Place(self._start, (besoins, offres, recruteurs), self._published, len(self._published))

    def _is_published(self, keys: Sequence[str]) -> bool:
        rows = map(self._by_identity.get, keys)
        return any(row is not None and row.source is not Source.RECRUTEURS for row in rows)

    def _was_shown_before(self, keys: Sequence[str]) -> bool:
        seen = self._start.seen
        return bool(seen) and any(identity_hash(key) in seen for key in keys)


def _same_need(row: Row, source: Source, node: Node) -> bool:
    if source is row.source:
        return False  # A source has each need once, so two offers of a company are two needs.
    one = row.node
    if isinstance(one, prediction_pb2.RecruteurProbable) or isinstance(
        node, prediction_pb2.RecruteurProbable
    ):
        return True
    return bool(_romes(one) & _romes(node))


def _attach(row: Row, source: Source, edge: Edge) -> None:
    if _RANK[source] < _RANK[row.source]:
        row.source, row.edge, edge = source, edge, row.edge
    row.aussi_dans.append(edge.node)


def _romes(node: matcha_pb2.BesoinMatcha | jobs_pb2.Offre) -> set[str]:
    if isinstance(node, jobs_pb2.Offre):
        return {node.rome}
    return set(node.romes)


def _merge_entries(window: Window, order: EmployeurSort) -> Iterator[tuple[tuple[float, ...], Source, Edge]]:
    priority = _RANK[window.source]
    for index, edge in enumerate(window.edges):
        yield (*_sort_key(edge, order), priority, index), window.source, edge


def _sort_key(edge: Edge, order: EmployeurSort) -> tuple[float, float]:
    distance = edge.distance_km if edge.HasField("distance_km") else math.inf
    predicted = isinstance(edge, prediction_pb2.RecruteurEdge)
    match order:
        case EmployeurSort.DISTANCE:
            return (0, distance)
        case EmployeurSort.DATE if predicted:
            return (1, distance)
        case EmployeurSort.SCORE if isinstance(edge, prediction_pb2.RecruteurEdge):
            return (1, -edge.score)
        case EmployeurSort.DATE:
            return (0, -_published_at(edge.node))
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

"""The store of trainings on a Tantivy index and columns in memory, for a service without a cluster.

The index finds rows by their terms. The columns give distances, order and facets, so only the trainings
of the page are read from the index.
"""

from __future__ import annotations

import asyncio
import errno
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import tantivy
from pydantic import TypeAdapter

from services.catalogue.criteria import (
    Facets,
    FormationCriteria,
    FormationPage,
    FormationSort,
    FoundFormation,
    PageWanted,
    Position,
)
from services.catalogue.engine.grid import round_zone_to_grid
from services.catalogue.engine.tantivy.columns import Columns, Rows, read_columns, write_columns
from services.catalogue.engine.tantivy.facets import Refinement
from services.catalogue.engine.tantivy.order import FoundRows, Scores
from services.catalogue.engine.tantivy.query import any_of, base_query, build_schema, token_field
from services.catalogue.formation import Formation
from services.catalogue.text.analyser import VERSION
from services.catalogue.text.formation_tokens import IndexedFormation
from services.common.errors import UpstreamUnavailable
from services.common.generation import Format
from services.france.geo import MAX_RAYON_KM
from services.france.names import fold

FORMAT = Format(f"1, analyser {VERSION}", "python -m services.catalogue.load")
"""Of the index and the columns; the tables have a format of their own, on every engine."""

_INDEX = "index"
_PLUS_PROCHES = 5
_WRITER_BYTES = 512_000_000
# A search of less takes a few milliseconds on the event loop, which is hardly more than the cost of a thread.
_MAX_ROWS_IN_LOOP = 200_000
_MAX_READ_IN_LOOP = 50
"""Rows to read from the index; one takes 0.1 ms."""
_MAX_TOKENS_IN_LOOP = 20
"""Alternatives of the words of a text."""

_FORMATION = TypeAdapter(Formation)


def write_index(
    folder: Path,
    formations: Iterable[IndexedFormation],
    track: Callable[[list[IndexedFormation]], Iterable[IndexedFormation]] = iter,
) -> None:
    """Write the index and the columns into the folder. `track` wraps the rows to report progress.

    Raises OSError when they can't be written.
    """
    in_order = sorted(formations, key=lambda each: (each.title, each.formation.id))
    path = folder / _INDEX
    path.mkdir()
    documents = (_document(row, each) for row, each in enumerate(track(in_order)))
    try:
        # One thread and one commit give the fewest segments, which are the fastest to search.
        writer = tantivy.Index(build_schema(), path=str(path)).writer(_WRITER_BYTES, 1)
        for document in documents:
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
    except ValueError as error:
        # The driver has no other exception for a file that it can't write.
        raise OSError(errno.EIO, f"the index can't be written: {error}", str(path)) from error
    write_columns(folder, in_order)


def _document(row: int, indexed: IndexedFormation) -> tantivy.Document:
    document = tantivy.Document()
    for name, value in _terms(indexed):
        document.add_text(name, value)
    document.add_unsigned("row", row)
    point = indexed.formation.lieu.point
    if point:
        document.add_float("latitude", point.latitude)
        document.add_float("longitude", point.longitude)
    document.add_bytes("formation", orjson.dumps(indexed.formation))
    return document


def _terms(indexed: IndexedFormation) -> Iterator[tuple[str, str]]:
    formation = indexed.formation
    yield "id", formation.id
    for name, values in (("rome", formation.romes), ("domaine", indexed.domaines)):
        for value in values:
            yield name, value
    for name, one in (
        ("rncp", formation.rncp),
        ("commune", formation.lieu.insee),
        ("departement", formation.lieu.departement),
    ):
        if one:
            yield name, one
    for name, tokens in indexed.tokens.items():
        for token in tokens:
            yield token_field(name), token


class TantivyFormationStore:
    """The trainings of one generation, opened for reading."""

    def __init__(self, index: tantivy.Index, columns: Columns) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()
        self._columns = columns

    @classmethod
    def open(cls, folder: Path) -> TantivyFormationStore:
        """Open what `write_index` wrote. Raises OSError, KeyError or ValueError when it is damaged."""
        columns = read_columns(folder)
        store = cls(tantivy.Index.open(str(folder / _INDEX)), columns)
        if store._searcher.num_docs != len(columns):
            raise ValueError(f"{folder}: the index and its columns differ in their number of rows")
        return store

    async def ping(self) -> None:
        """Raise UpstreamUnavailable when the index can't be read."""
        self._run(tantivy.Query.all_query(), 1, order_by_field="row")

    async def search(self, criteria: FormationCriteria, page: PageWanted) -> FormationPage:
        """The rows that meet the criteria, in the order wanted."""
        criteria = replace(criteria, zone=round_zone_to_grid(criteria.zone))
        if self._is_short(criteria, page):
            return self._search(criteria, page)
        return await asyncio.to_thread(self._search, criteria, page)

    def _is_short(self, criteria: FormationCriteria, page: PageWanted) -> bool:
        """Whether the search can run on the event loop."""
        groups = criteria.texte.groups if criteria.texte is not None else ()
        return (
            len(self._columns) < _MAX_ROWS_IN_LOOP
            and page.first <= _MAX_READ_IN_LOOP
            and sum(map(len, groups)) <= _MAX_TOKENS_IN_LOOP
        )

    def _search(self, criteria: FormationCriteria, page: PageWanted) -> FormationPage:
        rayon_km = criteria.zone.rayon_km
        # The facet of distances counts beyond the radius of the search, up to the widest radius.
        within_km = MAX_RAYON_KM if page.with_facets and rayon_km is not None else rayon_km
        refinement = self._refinement(criteria, within_km)
        found = refinement.matching()
        rest = found
        if page.after is not None:
            after = page.after
            rest = found.after(page.sort, after, lambda: self._next_row(after))
        plus_proches: tuple[FoundFormation, ...] = ()
        if not len(found) and rayon_km is not None:
            plus_proches = self._plus_proches(criteria)
        facets: Facets | None = refinement.facets(page.today) if page.with_facets else None
        rows = self._read(rest, page.sort, page.first)
        return FormationPage(rows, len(found), len(rest) > page.first, facets, plus_proches)

    def _plus_proches(self, criteria: FormationCriteria) -> tuple[FoundFormation, ...]:
        # Usually there are enough within the widest radius; only otherwise is the whole country searched.
        nearest = self._refinement(criteria, MAX_RAYON_KM).at_any_distance()
        if nearest.within(MAX_RAYON_KM).sum() < _PLUS_PROCHES:
            nearest = self._refinement(criteria, None).at_any_distance().with_known_distance()
        return self._read(nearest, FormationSort.DISTANCE, _PLUS_PROCHES)

    def _refinement(self, criteria: FormationCriteria, within_km: float | None) -> Refinement:
        rows, scores = self._base(criteria, within_km)
        return Refinement(FoundRows.in_zone(self._columns, criteria.zone, rows, scores), criteria)

    def _base(self, criteria: FormationCriteria, within_km: float | None) -> tuple[Rows, Scores | None]:
        """Rows before the refinements, and their scores when there is a text."""
        query = base_query(self._schema, criteria, within_km)
        if query is None:
            return self._rows_in_zone(criteria, within_km), None
        if criteria.texte is None:
            hits = self._run(query, len(self._columns), order_by_field="row")
            return np.fromiter((row for row, _ in hits), dtype=np.int64, count=len(hits)), None
        hits = self._run(query, len(self._columns))
        numbers = self._searcher.fast_field_values("row", [address for _, address in hits])
        scores = np.fromiter((score for score, _ in hits), dtype=np.float64, count=len(hits))
        return np.array(numbers, dtype=np.int64), np.rint(scores).astype(np.int64)

    def _rows_in_zone(self, criteria: FormationCriteria, within_km: float | None) -> Rows:
        """The rows of the zone. Without other criteria, the columns find them faster than the index."""
        zone = criteria.zone
        if zone.origin is not None and within_km is not None:
            rows = self._columns.in_box(zone.origin, within_km)
        else:
            rows = np.arange(len(self._columns))
        if zone.departements:
            rows = rows[self._columns.departements.has_any(rows, zone.departements)]
        return rows

    async def by_ids(self, ids: Sequence[str]) -> dict[str, Formation]:
        """The trainings that exist, by id."""
        if len(ids) <= _MAX_READ_IN_LOOP:
            return self._by_ids(ids)
        return await asyncio.to_thread(self._by_ids, ids)

    def _by_ids(self, ids: Sequence[str]) -> dict[str, Formation]:
        if not ids:
            return {}
        hits = self._run(any_of(self._schema, "id", set(ids)), len(ids), order_by_field="row")
        formations = (self._formation(address) for _, address in hits)
        return {each.id: each for each in formations}

    def _read(self, found: FoundRows, sort: FormationSort, count: int) -> tuple[FoundFormation, ...]:
        indexes = found.first(sort, count)
        rows = found.rows[indexes].tolist()
        formations = self._formations(rows)
        return tuple(
            FoundFormation(formations[row], self._position(found, index, formations[row]))
            for index, row in zip(indexes, rows, strict=True)
        )

    def _position(self, found: FoundRows, index: int, formation: Formation) -> Position:
        row = found.rows[index]
        title, identifier = formation.sort_key()
        distance = None if found.distances is None else float(found.distances[index])
        return Position(
            score=0 if found.scores is None else int(found.scores[index]),
            mots=int(self._columns.mots[row]),
            first_month=int(self._columns.first_months[row]),
            distance_km=distance if distance is None or np.isfinite(distance) else None,
            title=title,
            id=identifier,
        )

    def _next_row(self, position: Position) -> int:
        """The first row after this title and id, which need not exist any more."""
        return bisect_right(range(len(self._columns)), (position.title, position.id), key=self._key_of)

    def _key_of(self, row: int) -> tuple[str, str]:
        hits = self._run(any_of(self._schema, "row", [row]), 1, order_by_field="row")
        stored = orjson.loads(self._stored(hits[0][1]))
        return fold(stored["intitule"]), stored["id"]

    def _formations(self, rows: Sequence[int]) -> dict[int, Formation]:
        if not rows:
            return {}
        hits = self._run(any_of(self._schema, "row", rows), len(rows), order_by_field="row")
        return {row: self._formation(address) for row, address in hits}

    def _formation(self, address: tantivy.DocAddress) -> Formation:
        return _FORMATION.validate_json(self._stored(address))

    def _stored(self, address: tantivy.DocAddress) -> bytes:
        try:
            return bytes(self._searcher.doc(address)["formation"][0])
        except (ValueError, OSError) as error:
            raise _unavailable(error) from error

    def _run(
        self, query: tantivy.Query, limit: int, *, order_by_field: str | None = None
    ) -> list[tuple[Any, tantivy.DocAddress]]:
        """Hits as (score, address); with `order_by_field`, as (value of the field, address), ascending."""
        try:
            found = self._searcher.search(
                query, max(1, limit), count=False, order_by_field=order_by_field, order=tantivy.Order.Asc
            )
        except (ValueError, OSError) as error:
            raise _unavailable(error) from error
        return found.hits


def _unavailable(error: Exception) -> UpstreamUnavailable:
    return UpstreamUnavailable(f"l'index des formations ne répond pas : {error}")

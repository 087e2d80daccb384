"""The trainings in a Tantivy index: the only file that knows that engine.

The index filters. Columns in memory give the place, level and order of each row that it finds, so
that distances are exact and only the trainings of the page are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
import tantivy
from pydantic import TypeAdapter

from services.catalogue.formation import (
    NIVEAUX,
    Formation,
    FormationCriteria,
    FormationPage,
    FoundFormation,
    PageWanted,
)
from services.catalogue.order import Columns, Ordered
from services.common.errors import UpstreamUnavailable
from services.common.geo import Point, bounding_box

_INDEX = "index"
_COLUMNS = "columns.npz"
_KEYS = "keys.json"
_PLUS_PROCHES = 5
_BOX_MARGIN_KM = 0.001
"""Keeps the rounding of the box from cutting off the edge of the circle, which is measured exactly."""
_WRITER_BYTES = 64_000_000

_FORMATION = TypeAdapter(Formation)
_KEYS_TYPE = TypeAdapter(list[tuple[str, str]])

_Rows = npt.NDArray[np.int64]


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("id", "rome", "rome_domaine", "rncp", "commune", "departement"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("row", "niveau"):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    for name in ("latitude", "longitude"):
        builder.add_float_field(name, fast=True)
    builder.add_bytes_field("formation", stored=True)
    return builder.build()


def write_index(folder: Path, formations: Iterable[Formation]) -> None:
    """Put the trainings in the folder, in the order that rows have without distances."""
    in_order = sorted(formations, key=Formation.sort_key)
    path = folder / _INDEX
    path.mkdir()
    # One thread and one commit: one segment, which is the quickest to search.
    writer = tantivy.Index(_schema(), path=str(path)).writer(_WRITER_BYTES, 1)
    for row, formation in enumerate(in_order):
        writer.add_document(_document(row, formation))
    writer.commit()
    writer.wait_merging_threads()
    np.savez(
        folder / _COLUMNS,
        latitudes=np.array([each.lieu.point.latitude if each.lieu.point else np.nan for each in in_order]),
        longitudes=np.array([each.lieu.point.longitude if each.lieu.point else np.nan for each in in_order]),
        niveaux=np.array([each.niveau for each in in_order], dtype=np.int8),
    )
    (folder / _KEYS).write_bytes(orjson.dumps([each.sort_key() for each in in_order]))


def _document(row: int, formation: Formation) -> tantivy.Document:
    document = tantivy.Document()
    for name, value in _terms(formation):
        document.add_text(name, value)
    document.add_unsigned("row", row)
    document.add_unsigned("niveau", formation.niveau)
    if formation.lieu.point:
        document.add_float("latitude", formation.lieu.point.latitude)
        document.add_float("longitude", formation.lieu.point.longitude)
    document.add_bytes("formation", orjson.dumps(formation))
    return document


def _terms(formation: Formation) -> Iterator[tuple[str, str]]:
    yield "id", formation.id
    for rome in formation.romes:
        yield "rome", rome
    for domaine in {rome[:length] for rome in formation.romes for length in (1, 3)}:
        yield "rome_domaine", domaine
    for name, value in (
        ("rncp", formation.rncp),
        ("commune", formation.lieu.code_insee),
        ("departement", formation.lieu.departement),
    ):
        if value:
            yield name, value


@dataclass(frozen=True, slots=True)
class _Matches:
    """Rows that the engine found, ascending, each with where it is stored."""

    rows: _Rows
    addresses: Sequence[tantivy.DocAddress]


class TantivyFormationStore:
    """A generation's trainings, opened for reading."""

    def __init__(self, index: tantivy.Index, columns: Columns) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()
        self._columns = columns

    @classmethod
    def open(cls, folder: Path) -> TantivyFormationStore:
        """Open what `write_index` wrote. Raises OSError or ValueError when it is not whole."""
        # NumPy does not close a file that it opened and could not read.
        with (folder / _COLUMNS).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            columns = Columns(
                latitudes=arrays["latitudes"],
                longitudes=arrays["longitudes"],
                niveaux=arrays["niveaux"],
                keys=_KEYS_TYPE.validate_json((folder / _KEYS).read_bytes()),
            )
        store = cls(tantivy.Index.open(str(folder / _INDEX)), columns)
        if store._searcher.num_docs != len(columns.keys):
            raise ValueError(f"{folder}: the index and its columns have not as many rows")
        return store

    async def ping(self) -> None:
        """Raise UpstreamUnavailable when the index can't be read."""
        self._run(tantivy.Query.all_query(), 1)

    async def search(self, criteria: FormationCriteria, page: PageWanted) -> FormationPage:
        """The rows that meet the criteria, ordered by distance, title and id."""
        # A few milliseconds at worst for the whole country: less than a thread would disturb.
        matches = self._matches(criteria, with_niveau=not page.with_facets, within_radius=True)
        ordered = Ordered.of(self._columns, matches.rows, criteria.zone)
        niveaux = _counts(ordered.niveaux()) if page.with_facets else None
        if page.with_facets and criteria.niveau:
            ordered = ordered.where(ordered.niveaux() == criteria.niveau)
        rest = ordered if page.after is None else ordered.past(page.after)
        plus_proches: tuple[FoundFormation, ...] = ()
        if not len(ordered) and criteria.zone.radius_km is not None:
            plus_proches = self._plus_proches(criteria)
        return FormationPage(
            rows=self._read(matches, rest, page.first),
            total=len(ordered),
            has_next=len(rest) > page.first,
            niveaux=niveaux,
            plus_proches=plus_proches,
        )

    def _plus_proches(self, criteria: FormationCriteria) -> tuple[FoundFormation, ...]:
        matches = self._matches(criteria, with_niveau=True, within_radius=False)
        placed = Ordered.of(self._columns, matches.rows, criteria.zone, within_radius=False).placed()
        return self._read(matches, placed, _PLUS_PROCHES)

    async def by_ids(self, ids: Sequence[str]) -> dict[str, Formation]:
        """The trainings that exist, by id."""
        if not ids:
            return {}
        found = self._run(tantivy.Query.term_set_query(self._schema, "id", list(ids)), len(ids))
        formations = (self._formation(address) for _, address in found)
        return {each.id: each for each in formations}

    def _matches(self, criteria: FormationCriteria, *, with_niveau: bool, within_radius: bool) -> _Matches:
        parts = _queries(self._schema, criteria, with_niveau=with_niveau, within_radius=within_radius)
        query = tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts])
        hits = self._run(query, max(1, self._searcher.num_docs))
        rows = np.fromiter((row for row, _ in hits), dtype=np.int64, count=len(hits))
        return _Matches(rows, [address for _, address in hits])

    def _run(self, query: tantivy.Query, limit: int) -> list[tuple[int, tantivy.DocAddress]]:
        try:
            found = self._searcher.search(
                query, limit, count=False, order_by_field="row", order=tantivy.Order.Asc
            )
        except (ValueError, OSError) as error:
            raise UpstreamUnavailable(f"l'index des formations ne répond pas : {error}") from error
        return found.hits

    def _read(self, matches: _Matches, ordered: Ordered, first: int) -> tuple[FoundFormation, ...]:
        return tuple(
            FoundFormation(self._formation(matches.addresses[number]), position)
            for number, position in ordered.first(first)
        )

    def _formation(self, address: tantivy.DocAddress) -> Formation:
        try:
            stored = self._searcher.doc(address)["formation"][0]
        except (ValueError, OSError) as error:
            raise UpstreamUnavailable(f"l'index des formations ne répond pas : {error}") from error
        return _FORMATION.validate_json(bytes(stored))


def _queries(
    schema: tantivy.Schema, criteria: FormationCriteria, *, with_niveau: bool, within_radius: bool
) -> Iterator[tantivy.Query]:
    yield tantivy.Query.all_query()
    for name, values in (
        ("rome", criteria.romes),
        ("rome_domaine", [criteria.rome_domaine] if criteria.rome_domaine else []),
        ("rncp", criteria.rncps),
        ("commune", criteria.zone.communes),
        ("departement", criteria.zone.departements),
    ):
        if values:
            yield tantivy.Query.term_set_query(schema, name, sorted(values))
    if with_niveau and criteria.niveau:
        yield tantivy.Query.term_query(schema, "niveau", criteria.niveau)
    zone = criteria.zone
    if within_radius and zone.origin is not None and zone.radius_km is not None:
        yield from _box_queries(schema, zone.origin, zone.radius_km)


def _box_queries(schema: tantivy.Schema, origin: Point, radius_km: float) -> Iterator[tantivy.Query]:
    south_west, north_east = bounding_box(origin, radius_km + _BOX_MARGIN_KM)
    for name, low, high in (
        ("latitude", south_west.latitude, north_east.latitude),
        ("longitude", south_west.longitude, north_east.longitude),
    ):
        yield tantivy.Query.range_query(schema, name, tantivy.FieldType.Float, low, high)


def _counts(niveaux: npt.NDArray[np.int8]) -> tuple[tuple[int, int], ...]:
    counts = np.bincount(niveaux, minlength=max(NIVEAUX) + 1)
    return tuple((niveau, int(counts[niveau])) for niveau in NIVEAUX if counts[niveau])

"""The schema of the Tantivy index, and the queries that search it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import tantivy

from services.catalogue.criteria import TEXT_FIELDS, Alternative, FormationCriteria, TextQuery
from services.catalogue.engine.tantivy.columns import box_around
from services.france.geo import Point

_Query = tantivy.Query


def build_schema() -> tantivy.Schema:
    """The schema. No field has a tokenizer, because texts are stored as tokens already."""
    builder = tantivy.SchemaBuilder()
    for name in ("id", "rome", "domaine", "rncp", "commune", "departement", *map(token_field, TEXT_FIELDS)):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("row", indexed=True, fast=True)
    for name in ("latitude", "longitude"):
        builder.add_float_field(name, fast=True)
    builder.add_bytes_field("formation", stored=True)
    return builder.build()


def token_field(name: str) -> str:
    """The name of the index field with the tokens of a field of TEXT_FIELDS."""
    return f"t_{name}"


def base_query(
    schema: tantivy.Schema, criteria: FormationCriteria, within_km: float | None
) -> tantivy.Query | None:
    """The query for all criteria except the refinements; None when only a place is searched for.

    `within_km` adds a box around the circle. The caller measures the distances of the rows found.
    """
    filters = list(_filters(schema, criteria))
    zone = criteria.zone
    if criteria.texte is None and not filters:
        return None
    if zone.departements:
        filters.append(any_of(schema, "departement", zone.departements))
    if zone.origin is not None and within_km is not None:
        filters += _box(schema, zone.origin, within_km)
    # A constant score of 0 keeps filters out of the score.
    parts = [_Query.const_score_query(each, 0.0) for each in filters]
    if criteria.texte is not None:
        parts += _text(schema, criteria.texte)
    return _Query.boolean_query([(tantivy.Occur.Must, part) for part in parts or [_Query.all_query()]])


def _filters(schema: tantivy.Schema, criteria: FormationCriteria) -> Iterator[tantivy.Query]:
    for name, values in (
        ("rome", criteria.romes),
        ("domaine", [criteria.rome_domaine] if criteria.rome_domaine else []),
        ("rncp", criteria.rncps),
        ("commune", criteria.zone.communes),
    ):
        if values:
            yield any_of(schema, name, values)


def any_of(schema: tantivy.Schema, name: str, values: Collection[str] | Collection[int]) -> tantivy.Query:
    """Matches the rows that have any of these terms."""
    # For a few terms, a boolean query of term queries is ten times faster than a term set query.
    terms = [_Query.term_query(schema, name, value, "basic") for value in sorted(values)]
    return _Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])


def _box(schema: tantivy.Schema, origin: Point, rayon_km: float) -> Iterator[tantivy.Query]:
    south_west, north_east = box_around(origin, rayon_km)
    for name, low, high in (
        ("latitude", south_west.latitude, north_east.latitude),
        ("longitude", south_west.longitude, north_east.longitude),
    ):
        yield _Query.range_query(schema, name, tantivy.FieldType.Float, low, high)


def _text(schema: tantivy.Schema, texte: TextQuery) -> list[tantivy.Query]:
    groups = [_best_of(schema, group) for group in texte.groups]
    if texte.match_all:
        return groups
    return [_Query.boolean_query([(tantivy.Occur.Should, group) for group in groups] or _NOTHING)]


_NOTHING = [(tantivy.Occur.Must, _Query.empty_query())]


def _best_of(schema: tantivy.Schema, group: Collection[Alternative]) -> tantivy.Query:
    return _Query.disjunction_max_query(
        [
            _Query.const_score_query(
                _Query.term_query(schema, token_field(name), each.token, "basic"), float(weight * each.factor)
            )
            for each in group
            for name, weight in TEXT_FIELDS.items()
        ]
    )

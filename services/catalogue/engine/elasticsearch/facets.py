"""Builds the facets of a search as Elasticsearch aggregations, and reads their answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.catalogue.criteria import MAX_DIPLOMES, WITHIN_KM, Facets, FormationCriteria, PageWanted
from services.catalogue.engine.distance import padded_radius_km
from services.catalogue.engine.elasticsearch.query import RADIUS, Body, point_of, refinement_filters
from services.france.geo import Point

_ALL = 1_000
"""A size above the number of values: there are about a hundred departements, domains and months."""

_FACETS: Mapping[str, Body] = {
    "niveaux": {"terms": {"field": "niveau", "size": _ALL, "order": {"_key": "asc"}}},
    # The default order of Elasticsearch: most frequent first, then by value.
    "diplomes": {"terms": {"field": "diplome", "size": MAX_DIPLOMES}},
    "domaines": {"terms": {"field": "domaines", "size": _ALL}},
    "departements": {"terms": {"field": "departement", "size": _ALL}},
    "mois": {"terms": {"field": "mois", "size": _ALL, "order": {"_key": "asc"}}},
    "qualiopi": {"filter": {"term": {"qualiopi": True}}},
}


def facet_aggregations(criteria: FormationCriteria) -> Body:
    """Each facet under every filter except its own. Facets with the same filters share one aggregation."""
    filters = refinement_filters(criteria)
    facets = dict(_FACETS)
    if criteria.zone.origin is not None:
        facets[RADIUS] = _distances(criteria.zone.origin)
    facets_by_filters: dict[tuple[str, ...], Body] = {}
    for facet, aggregation in facets.items():
        others = tuple(name for name in filters if name != facet)
        facets_by_filters.setdefault(others, {})[facet] = aggregation
    return {
        "+".join(others) or "all": {
            "filter": {"bool": {"filter": [filters[name] for name in others]}},
            "aggs": aggregations,
        }
        for others, aggregations in facets_by_filters.items()
    }


def _distances(origin: Point) -> Body:
    # `to` is exclusive; the padded radius includes the rows on the edge.
    ranges = [{"to": padded_radius_km(within)} for within in WITHIN_KM]
    return {"geo_distance": {"field": "point", "origin": point_of(origin), "unit": "km", "ranges": ranges}}


def read_facets(aggregations: Mapping[str, Any], page: PageWanted) -> Facets:
    """Read the answer to `facet_aggregations`."""
    counted = {name: found for group in aggregations.values() for name, found in group.items()}
    distances = counted.get(RADIUS, {"buckets": []})["buckets"]
    return Facets(
        niveaux=tuple((int(value), count) for value, count in _counts(counted["niveaux"])),
        diplomes=_counts(counted["diplomes"]),
        domaines=_counts(counted["domaines"]),
        departements=_counts(counted["departements"]),
        mois=tuple((month, count) for month, count in _counts(counted["mois"]) if month >= page.today),
        qualiopi=counted["qualiopi"]["doc_count"],
        distances=tuple(
            (within, bucket["doc_count"])
            for within, bucket in zip(WITHIN_KM, distances, strict=bool(distances))
        ),
    )


def _counts(aggregation: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple((bucket["key"], bucket["doc_count"]) for bucket in aggregation["buckets"])

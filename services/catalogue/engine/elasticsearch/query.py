"""Builds the bodies of search requests to Elasticsearch; `store.py` sends them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from services.catalogue.criteria import (
    TEXT_FIELDS,
    Alternative,
    FormationCriteria,
    FormationSort,
    PageWanted,
    Position,
    Refinements,
    TextQuery,
)
from services.catalogue.engine.distance import padded_radius_km
from services.france.geo import MAX_RAYON_KM, Point

Body = dict[str, object]

UNKNOWN_DISTANCE = "Infinity"
"""The sort value that Elasticsearch gives to a training without a point."""

PLUS_PROCHES = 5

RADIUS = "distances"
"""Key of the filter on the radius, equal to the key of the facet of distances."""


def search_body(criteria: FormationCriteria, page: PageWanted) -> Body:
    """The request for a page. It asks for one more row, which shows whether another page follows."""
    refinements = refinement_filters(criteria)
    filters = base_filters(criteria)
    body: Body = {"size": page.first + 1, "track_total_hits": True, "sort": _sort(criteria, page)}
    if page.with_facets:
        # A facet ignores its own filter, so the filters apply after aggregation; the widest radius bounds it.
        filters += _widest_circle(criteria)
        body["post_filter"] = _all_of(refinements.values())
    else:
        filters += refinements.values()
    body["query"] = _query(filters, criteria.texte)
    if criteria.texte is not None:
        body["track_scores"] = True
    if page.after is not None:
        body["search_after"] = _search_after(criteria, page, page.after)
    return body


def nearest_body(criteria: FormationCriteria) -> Body:
    """The request for the trainings nearest to the origin, ignoring the radius."""
    refinements = refinement_filters(criteria)
    refinements.pop(RADIUS, None)
    placed: Body = {"exists": {"field": "point"}}
    return {
        "size": PLUS_PROCHES,
        "track_total_hits": False,
        "query": _query([*base_filters(criteria), *refinements.values(), placed], criteria.texte),
        "track_scores": criteria.texte is not None,
        "sort": _sort(criteria, PageWanted(PLUS_PROCHES)),
    }


def base_filters(criteria: FormationCriteria) -> list[Body]:
    """The filters that have no facet."""
    filters = [
        _any_of(name, values)
        for name, values in (
            ("romes", criteria.romes),
            ("rncp", criteria.rncps),
            ("commune", criteria.zone.communes),
            ("departement", criteria.zone.departements),
        )
        if values
    ]
    if criteria.rome_domaine:
        name = "grands_domaines" if len(criteria.rome_domaine) == 1 else "domaines"
        filters.append({"term": {name: criteria.rome_domaine}})
    return filters


def refinement_filters(criteria: FormationCriteria) -> dict[str, Body]:
    """The filters that have a facet, by the key of that facet."""
    filters = dict(_refinements(criteria.refinements))
    zone = criteria.zone
    if zone.origin is not None and zone.rayon_km is not None:
        filters[RADIUS] = _within(zone.origin, zone.rayon_km)
    return filters


def _refinements(refinements: Refinements) -> Iterator[tuple[str, Body]]:
    for facet, name, values in (
        ("niveaux", "niveau", frozenset(map(str, refinements.niveaux))),
        ("diplomes", "diplome", refinements.diplomes),
        ("domaines", "domaines", refinements.domaines),
        ("departements", "departement", refinements.departements),
        ("mois", "mois", refinements.mois),
    ):
        if values:
            yield facet, _any_of(name, values)
    if refinements.qualiopi is not None:
        has_label: Body = {"term": {"qualiopi": True}}
        yield "qualiopi", has_label if refinements.qualiopi else {"bool": {"must_not": [has_label]}}


def point_of(origin: Point) -> Body:
    return {"lat": origin.latitude, "lon": origin.longitude}


def _within(origin: Point, rayon_km: float) -> Body:
    distance = padded_radius_km(rayon_km)
    return {"geo_distance": {"distance": distance, "unit": "km", "point": point_of(origin)}}


def _widest_circle(criteria: FormationCriteria) -> list[Body]:
    zone = criteria.zone
    if zone.origin is None or zone.rayon_km is None:
        return []
    return [_within(zone.origin, MAX_RAYON_KM)]


def _any_of(name: str, values: Collection[str]) -> Body:
    return {"terms": {name: sorted(values)}}


def _all_of(filters: Collection[Body]) -> Body:
    return {"bool": {"filter": list(filters)}} if filters else {"match_all": {}}


def _query(filters: list[Body], texte: TextQuery | None) -> Body:
    if texte is None:
        return _all_of(filters)
    groups = [_group(group) for group in texte.groups]
    if texte.match_all:
        return {"bool": {"filter": filters, "must": groups}}
    return {"bool": {"filter": filters, "should": groups or [_NOTHING], "minimum_should_match": 1}}


_NOTHING: Body = {"match_none": {}}


def _group(group: Collection[Alternative]) -> Body:
    """The best score of the alternatives. Constant scores exclude the statistics of the index (BM25)."""
    by_factor: dict[int, list[str]] = {}
    for each in group:
        by_factor.setdefault(each.factor, []).append(each.token)
    constants: list[Body] = [
        {"constant_score": {"filter": _any_of(f"t_{name}", tokens), "boost": weight * factor}}
        for factor, tokens in by_factor.items()
        for name, weight in TEXT_FIELDS.items()
    ]
    return {"dis_max": {"queries": constants}} if constants else _NOTHING


def _by_score(criteria: FormationCriteria, page: PageWanted) -> bool:
    return page.sort is FormationSort.RELEVANCE and criteria.texte is not None


def _sort(criteria: FormationCriteria, page: PageWanted) -> list[Body]:
    keys: list[Body] = []
    if _by_score(criteria, page):
        keys += [{"_score": "desc"}, {"mots": "asc"}]
    elif page.sort is FormationSort.START:
        keys.append({"first_month": "asc"})
    if criteria.zone.origin is not None:
        # In kilometres, as in Position: `search_after` then receives the sort value back bit for bit.
        origin = point_of(criteria.zone.origin)
        keys.append({"_geo_distance": {"point": origin, "unit": "km", "order": "asc"}})
    return [*keys, {"title": "asc"}, {"id": "asc"}]


def _search_after(criteria: FormationCriteria, page: PageWanted, position: Position) -> list[object]:
    values: list[object] = []
    if _by_score(criteria, page):
        values += [position.score, position.mots]
    elif page.sort is FormationSort.START:
        values.append(position.first_month)
    if criteria.zone.origin is not None:
        values.append(UNKNOWN_DISTANCE if position.distance_km is None else position.distance_km)
    return [*values, position.title, position.id]

from __future__ import annotations

from typing import Any

import pytest

from services.catalogue.criteria import (
    EXACT,
    FUZZY,
    NO_SESSION,
    Alternative,
    FormationCriteria,
    FormationSort,
    PageWanted,
    Position,
    Refinements,
    TextQuery,
)
from services.catalogue.engine.elasticsearch.facets import facet_aggregations
from services.catalogue.engine.elasticsearch.query import nearest_body, search_body
from services.france.geo import Point, Zone

PARIS = Point(48.8566, 2.3522)
AROUND = Zone(PARIS, 30.0)
TEXTE = TextQuery(((Alternative("boulang", EXACT), Alternative("boulon", FUZZY)),))


def body_of(criteria: FormationCriteria, page: PageWanted) -> Any:
    return search_body(criteria, page)


def test_everything_is_asked_for_without_criteria() -> None:
    assert search_body(FormationCriteria(), PageWanted(20)) == {
        "size": 21,
        "track_total_hits": True,
        "sort": [{"title": "asc"}, {"id": "asc"}],
        "query": {"match_all": {}},
    }


def test_refinements_filter_before_counting_only_without_facets() -> None:
    criteria = FormationCriteria(refinements=Refinements(niveaux=frozenset({5, 3})))
    niveaux = {"terms": {"niveau": ["3", "5"]}}

    plain = body_of(criteria, PageWanted(20))
    counted = body_of(criteria, PageWanted(20, with_facets=True))

    assert plain["query"] == {"bool": {"filter": [niveaux]}}
    assert "post_filter" not in plain
    assert counted["query"] == {"match_all": {}}
    assert counted["post_filter"] == {"bool": {"filter": [niveaux]}}


def test_nothing_is_counted_beyond_the_widest_circle() -> None:
    counted = body_of(FormationCriteria(zone=AROUND), PageWanted(20, with_facets=True))

    (widest,) = counted["query"]["bool"]["filter"]
    (own,) = counted["post_filter"]["bool"]["filter"]

    assert widest["geo_distance"]["distance"] == pytest.approx(200, abs=0.001)
    assert own["geo_distance"]["distance"] == pytest.approx(30, abs=0.001)


def test_facets_with_the_same_filters_are_counted_together() -> None:
    criteria = FormationCriteria(zone=AROUND, refinements=Refinements(niveaux=frozenset({3})))

    groups: Any = facet_aggregations(criteria)

    assert {name: set(group["aggs"]) for name, group in groups.items()} == {
        "distances": {"niveaux"},
        "niveaux": {"distances"},
        "niveaux+distances": {"diplomes", "domaines", "departements", "mois", "qualiopi"},
    }


def test_alternatives_are_worth_the_best_field_times_their_factor() -> None:
    body = body_of(FormationCriteria(texte=TEXTE), PageWanted(20, sort=FormationSort.RELEVANCE))

    (group,) = body["query"]["bool"]["must"]
    worth = {
        (name, token): each["constant_score"]["boost"]
        for each in group["dis_max"]["queries"]
        for name, tokens in each["constant_score"]["filter"]["terms"].items()
        for token in tokens
    }

    assert worth["t_intitule", "boulang"] == 64
    assert worth["t_intitule", "boulon"] == 32
    assert worth["t_lieu", "boulang"] == 16
    assert len(worth) == 12


def test_any_group_is_enough_when_not_all_must_match() -> None:
    group = TEXTE.groups[0]

    body = body_of(FormationCriteria(texte=TextQuery((group, ()), match_all=False)), PageWanted(20))

    assert body["query"]["bool"]["minimum_should_match"] == 1
    assert body["query"]["bool"]["should"][1] == {"match_none": {}}


def test_position_is_given_back_in_the_order_of_the_sort() -> None:
    position = Position(score=72, mots=3, first_month=NO_SESSION, distance_km=None, title="boulanger", id="a")
    around = FormationCriteria(zone=AROUND, texte=TEXTE)

    def after(criteria: FormationCriteria, sort: FormationSort) -> list[object]:
        body = body_of(criteria, PageWanted(20, position, sort))
        assert len(body["sort"]) == len(body["search_after"])
        return list(body["search_after"])

    assert after(around, FormationSort.RELEVANCE) == [72, 3, "Infinity", "boulanger", "a"]
    assert after(around, FormationSort.START) == [NO_SESSION, "Infinity", "boulanger", "a"]
    assert after(around, FormationSort.DISTANCE) == ["Infinity", "boulanger", "a"]
    assert after(FormationCriteria(texte=TEXTE), FormationSort.DISTANCE) == ["boulanger", "a"]
    assert after(FormationCriteria(), FormationSort.RELEVANCE) == ["boulanger", "a"]


def test_nearest_leaves_the_radius_aside_and_nothing_else() -> None:
    criteria = FormationCriteria(
        romes=frozenset({"D1102"}), zone=AROUND, refinements=Refinements(qualiopi=False)
    )

    body: Any = nearest_body(criteria)

    assert body["query"]["bool"]["filter"] == [
        {"terms": {"romes": ["D1102"]}},
        {"bool": {"must_not": [{"term": {"qualiopi": True}}]}},
        {"exists": {"field": "point"}},
    ]

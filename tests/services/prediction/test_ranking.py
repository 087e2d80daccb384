from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.france.geo import Point, Zone, distance_km
from services.prediction.ranking import Ranking
from services.prediction.recruteur import Criteria, Match, Position, Sort
from tests.support.prediction.small_france import JOB_HIRINGS

PARIS = Point(48.8566, 2.3522)

ROMES = ("D1102", "D1106", "G1602", "I1604", "Z9999")


def _odd_point(latitude: float, longitude: float) -> Point:
    # The employers have round coordinates. From a round origin two distances could differ only in the last
    # bit, which two computations may round differently.
    return Point(latitude + 0.00123, longitude + 0.00321)


zones = st.one_of(
    st.just(Zone()),
    st.just(Zone(origin=PARIS)),
    st.builds(
        Zone,
        origin=st.builds(_odd_point, st.floats(45, 50), st.floats(2, 5)),
        rayon_km=st.floats(0.1, 200),
    ),
    st.builds(
        Zone,
        origin=st.none() | st.just(PARIS),
        communes=st.frozensets(st.sampled_from(["75056", "69123", "00000"]), min_size=1),
    ),
    st.builds(Zone, departements=st.frozensets(st.sampled_from(["75", "93", "2A"]), min_size=1)),
)


@st.composite
def criterias(draw: st.DrawFn) -> Criteria:
    zone = draw(zones)
    sorts = [Sort.SCORE] if zone.origin is None else list(Sort)
    romes = draw(st.lists(st.sampled_from(ROMES), min_size=1, max_size=4, unique=True))
    score_min = draw(st.sampled_from([0, 1, 20, 50, 90]))
    return Criteria(
        tuple(romes), zone, draw(st.sampled_from(sorts)), score_min, draw(st.integers(0, 100)), None
    )


def share(naf: str, rome: str) -> float:
    total = sum(count for (_, sector), count in JOB_HIRINGS.items() if sector == naf)
    return JOB_HIRINGS.get((rome, naf), 0) / total if total else 0.0


def search_slowly(ranking: Ranking, criteria: Criteria) -> list[Match]:
    """The expected result of a search, computed row by row in plain Python."""
    matches = []
    for row in range(len(ranking.table)):
        recruteur = ranking.table.recruteur(row)
        lieu = recruteur.lieu
        assert lieu.point is not None
        scores = {
            rome: int(ranking.curve.score_for_job(int(ranking.scores[row]), share(recruteur.naf.code, rome)))
            for rome in criteria.romes
            if share(recruteur.naf.code, rome) > 0
        }
        romes = [rome for rome, score in scores.items() if score >= criteria.score_min]
        zone = criteria.zone
        distance = None if zone.origin is None else distance_km(zone.origin, lieu.point)
        if zone.rayon_km is not None and (distance is None or distance > zone.rayon_km):
            continue
        if zone.communes and lieu.insee not in zone.communes:
            continue
        if zone.departements and lieu.departement not in zone.departements:
            continue
        if romes:
            romes.sort(key=lambda rome: (-share(recruteur.naf.code, rome), rome))
            position = Position(distance, max(scores.values()), recruteur.siret)
            matches.append(Match(row, position, tuple(romes)))
    return sorted(matches, key=lambda match: order_key(match.position, criteria.sort))


def order_key(position: Position, sort: Sort) -> tuple[float | str, ...]:
    distance = round(position.distance_km or 0, 9)
    if sort is Sort.DISTANCE:
        return (distance, -position.score, position.siret)
    return (-position.score, distance, position.siret)


def plain(matches: list[Match]) -> list[tuple[int, int, tuple[str, ...], float]]:
    return [
        (each.row, each.position.score, each.romes, round(each.position.distance_km or 0, 6))
        for each in matches
    ]


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(criterias())
def test_search_finds_what_reading_every_row_does(ranking: Ranking, criteria: Criteria) -> None:
    expected = search_slowly(ranking, criteria)

    page = ranking.search(criteria)

    assert page.total_count == len(expected)
    assert plain(list(page.matches)) == plain(expected[: criteria.first])
    assert page.has_next_page == (len(expected) > criteria.first)


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(criterias(), st.integers(1, 60))
def test_pages_together_are_the_whole_search(ranking: Ranking, criteria: Criteria, size: int) -> None:
    whole = search_slowly(ranking, criteria)
    seen: list[Match] = []
    after, more = None, True
    while more and len(seen) < 150:
        page = ranking.search(replace(criteria, first=size, after=after))
        assert page.total_count == len(whole)
        seen += page.matches
        more = page.has_next_page
        after = page.matches[-1].position if page.matches else None

    assert plain(seen) == plain(whole[: len(seen)])


def test_position_of_a_row_that_is_gone_still_divides_the_rest(ranking: Ranking) -> None:
    criteria = Criteria(("G1602",), Zone(origin=PARIS), Sort.DISTANCE, 20, 100, None)
    whole = ranking.search(criteria).matches
    third = whole[2].position
    gone = replace(third, siret=f"{int(third.siret) - 1:014d}")

    assert ranking.search(replace(criteria, after=gone)).matches[0] == whole[2]


def test_row_on_the_edge_of_the_circle_is_inside(ranking: Ranking) -> None:
    everywhere = Criteria(("G1602",), Zone(origin=PARIS), Sort.DISTANCE, 0, 100, None)
    for match in ranking.search(everywhere).matches[:20]:
        distance = match.position.distance_km
        circle = replace(everywhere, zone=Zone(origin=PARIS, rayon_km=distance))

        assert match in ranking.search(circle).matches


def test_job_that_no_sector_hires_for_finds_nobody(ranking: Ranking) -> None:
    page = ranking.search(Criteria(("Z9999",), Zone(), Sort.SCORE, 0, 100, None))

    assert (page.matches, page.total_count, page.has_next_page) == ((), 0, False)


def test_score_for_an_unknown_pair_is_the_general_one(ranking: Ranking) -> None:
    baker = next(row for row in range(len(ranking.table)) if ranking.table.codes["naf"][row] == "1071C")

    assert ranking.affinity(baker, "D1102") == pytest.approx(0.6)
    assert ranking.affinity(baker, "I1604") == 0
    assert ranking.score_for_job(baker, "I1604") == ranking.scores[baker]

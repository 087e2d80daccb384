from __future__ import annotations

from dataclasses import replace

import pytest

from services.catalogue.criteria import (
    EXACT,
    FUZZY,
    NO_SESSION,
    Alternative,
    Facets,
    FormationCriteria,
    FormationPage,
    FormationSort,
    PageWanted,
    Refinements,
    TextQuery,
)
from services.france.geo import Point, Zone, distance_km
from tests.services.catalogue.conftest import StoreOf
from tests.support.catalogue.oracle import Oracle
from tests.support.catalogue.small_france import formation

PARIS = Point(48.8566, 2.3522)
ALL = PageWanted(100)
BY_RELEVANCE = PageWanted(100, sort=FormationSort.RELEVANCE)
NIVEAU_4 = Refinements(niveaux=frozenset({4}))


def ids(page: FormationPage) -> list[str]:
    return [row.formation.id for row in page.rows]


async def test_any_of_the_romes_matches(store_of: StoreOf) -> None:
    store = await store_of(
        [formation("a", romes=["D1102", "D1104"]), formation("b", romes=["F1703"]), formation("c", romes=[])]
    )

    page = await store.search(FormationCriteria(romes=frozenset({"D1104", "F1703"})), ALL)

    assert ids(page) == ["a", "b"]
    assert page.total == 2


@pytest.mark.parametrize(
    ("domaine", "expected"), [("D", ["a", "b"]), ("D11", ["a"]), ("D12", ["b"]), ("E", [])]
)
async def test_domaine_is_how_a_rome_begins(store_of: StoreOf, domaine: str, expected: list[str]) -> None:
    store = await store_of([formation("a", romes=["D1102"]), formation("b", romes=["D1202", "F1703"])])

    assert ids(await store.search(FormationCriteria(rome_domaine=domaine), ALL)) == expected


async def test_rncps_and_niveau_narrow_together(store_of: StoreOf) -> None:
    store = await store_of(
        [
            formation("a", rncp="RNCP1", niveau=3),
            formation("b", rncp="RNCP1", niveau=4),
            formation("c", rncp="RNCP2", niveau=4),
        ]
    )

    page = await store.search(
        FormationCriteria(rncps=frozenset({"RNCP1", "RNCP9"}), refinements=NIVEAU_4), ALL
    )

    assert ids(page) == ["b"]


async def test_communes_and_departements_are_by_code(store_of: StoreOf) -> None:
    store = await store_of(
        [
            formation("a", insee="75111", departement="75"),
            formation("b", insee="2A004", departement="2A"),
            formation("c", insee="97411", departement="974"),
            formation("d", insee=None, departement=None),
        ]
    )

    communes = FormationCriteria(zone=Zone(communes=frozenset({"75111", "75056"})))
    departements = FormationCriteria(zone=Zone(departements=frozenset({"2A", "2B", "974"})))

    assert ids(await store.search(communes, ALL)) == ["a"]
    assert ids(await store.search(departements, ALL)) == ["b", "c"]


async def test_radius_is_the_exact_circle_its_edge_included(store_of: StoreOf) -> None:
    edge = formation("edge", point=(49.0, 2.0))
    (match,) = Oracle([edge]).matching(FormationCriteria(zone=Zone(PARIS)))
    radius = match.distance
    assert radius is not None
    assert radius == pytest.approx(distance_km(PARIS, Point(49.0, 2.0)), abs=1e-4)
    # A point in the corner of the box around the circle, outside the circle.
    corner = (PARIS.latitude + 0.9 * (radius / 111), PARIS.longitude + 1.4 * (radius / 111))
    store = await store_of(
        [
            edge,
            formation("corner", point=corner),
            formation("centre", point=(PARIS.latitude, PARIS.longitude)),
            formation("nowhere", point=None),
        ]
    )

    page = await store.search(FormationCriteria(zone=Zone(PARIS, radius)), ALL)

    assert ids(page) == ["centre", "edge"]
    assert page.rows[0].position.distance_km == pytest.approx(0, abs=1e-5)
    assert page.rows[1].position.distance_km == pytest.approx(radius)


async def test_order_is_distance_then_folded_title_then_id(store_of: StoreOf) -> None:
    store = await store_of(
        [
            formation("far", "ABC", point=(49.0, 2.35)),
            formation("2", "Électricien"),
            formation("1", "électricien"),
            formation("3", "Zingueur"),
            formation("nowhere", "AAA", point=None),
        ]
    )

    near_first = await store.search(FormationCriteria(zone=Zone(PARIS)), ALL)
    by_title = await store.search(FormationCriteria(), ALL)

    assert ids(near_first) == ["1", "2", "3", "far", "nowhere"]
    assert near_first.rows[-1].position.distance_km is None
    assert ids(by_title) == ["nowhere", "far", "1", "2", "3"]
    assert by_title.rows[0].position.distance_km is None


async def test_each_facet_ignores_its_own_filter_and_no_other(store_of: StoreOf) -> None:
    store = await store_of(
        [
            formation("a", niveau=3),
            formation("b", niveau=3, departement="93"),
            formation("c", niveau=5),
            formation("unknown", niveau=0),
            formation("far", niveau=7, point=(43.3, 5.4)),
            formation("other", niveau=6, romes=["F1703"]),
        ]
    )
    criteria = FormationCriteria(
        romes=frozenset({"D1102"}),
        zone=Zone(PARIS, 30),
        refinements=Refinements(niveaux=frozenset({5, 7}), departements=frozenset({"75"})),
    )

    counted = await store.search(criteria, PageWanted(10, with_facets=True))
    uncounted = await store.search(criteria, PageWanted(10))

    assert counted.facets is not None
    assert counted.facets.niveaux == ((3, 1), (5, 1))
    assert counted.facets.departements == (("75", 1),)
    assert counted.facets.domaines == (("D11", 1),)
    assert counted.facets.distances == ((10, 1), (30, 1), (60, 1), (100, 1), (200, 1))
    assert uncounted.facets is None
    assert ids(counted) == ids(uncounted) == ["c"]
    assert counted.total == 1


async def test_facets_give_most_frequent_first_and_months_in_order(store_of: StoreOf) -> None:
    rows = [
        replace(formation("a"), diplome="CAP", sessions=("2026-09", "2027-09")),
        replace(formation("b"), diplome="BP", sessions=("2027-01", "2027-09")),
        replace(formation("c", romes=[]), diplome="BAC"),
        replace(formation("d", romes=["D1102", "D1104", "F1703"]), diplome="CAP"),
    ]
    store = await store_of(rows)

    page = await store.search(FormationCriteria(), PageWanted(0, with_facets=True, today="2026-11"))

    assert page.facets == Facets(
        niveaux=((3, 4),),
        diplomes=(("CAP", 2), ("BAC", 1), ("BP", 1)),
        domaines=(("D11", 3), ("F17", 1)),
        departements=(("75", 4),),
        mois=(("2027-01", 1), ("2027-09", 2)),
    )


async def test_facet_of_diplomes_stops_at_a_hundred(store_of: StoreOf) -> None:
    rows = [replace(formation(f"{number}"), diplome=f"DIPLOME {number:03}") for number in range(120)]

    page = await (await store_of(rows)).search(FormationCriteria(), PageWanted(0, with_facets=True))

    assert page.facets is not None
    assert page.facets.diplomes == tuple((f"DIPLOME {number:03}", 1) for number in range(100))


async def test_unknown_qualiopi_counts_as_not_held(store_of: StoreOf) -> None:
    rows = [
        replace(formation(name), etablissement=replace(formation(name).etablissement, qualiopi=held))
        for name, held in (("yes", True), ("no", False), ("unknown", None))
    ]
    store = await store_of(rows)

    held = await store.search(FormationCriteria(refinements=Refinements(qualiopi=True)), ALL)
    others = await store.search(FormationCriteria(refinements=Refinements(qualiopi=False)), ALL)

    assert ids(held) == ["yes"]
    assert ids(others) == ["no", "unknown"]


def text(*words: str, match_all: bool = True) -> TextQuery:
    return TextQuery(tuple((Alternative(word, EXACT),) for word in words), match_all)


async def test_best_field_of_each_word_makes_the_score(store_of: StoreOf) -> None:
    rows = [
        replace(formation("diploma", "Pain (BP)"), diplome="BOULANGER"),
        formation("title", "Boulanger (CAP)"),
        formation("long", "Boulanger et pâtissier (CAP)"),
        formation("none", "Maçon", romes=["F1703"]),
    ]
    store = await store_of(rows)

    page = await store.search(FormationCriteria(texte=text("boulang")), BY_RELEVANCE)

    assert [(row.formation.id, row.position.score) for row in page.rows] == [
        ("title", 64),
        ("long", 64),
        ("diploma", 32),
    ]


async def test_all_words_must_be_met_unless_any_will_do(store_of: StoreOf) -> None:
    store = await store_of([formation("a", "Boulanger (CAP)"), formation("b", "Boulanger (BP)")])

    both = await store.search(FormationCriteria(texte=text("boulang", "bp")), BY_RELEVANCE)
    either = await store.search(FormationCriteria(texte=text("bp", "cap", match_all=False)), BY_RELEVANCE)
    nothing = await store.search(FormationCriteria(texte=text(match_all=False)), BY_RELEVANCE)

    assert ids(both) == ["b"]
    assert ids(either) == ["b", "a"]
    assert ids(nothing) == []


async def test_surer_alternative_is_worth_more(store_of: StoreOf) -> None:
    store = await store_of([formation("a", "Bouchon"), formation("b", "Boucher")])
    query = TextQuery(((Alternative("bouchon", FUZZY), Alternative("bouch", EXACT)),))

    assert ids(await store.search(FormationCriteria(texte=query), BY_RELEVANCE)) == ["b", "a"]


async def test_start_is_the_first_session_and_none_comes_last(store_of: StoreOf) -> None:
    rows = [
        formation("never"),
        replace(formation("late"), sessions=("2027-09",)),
        replace(formation("soon"), sessions=("2026-12", "2028-01")),
    ]

    page = await (await store_of(rows)).search(FormationCriteria(), PageWanted(10, sort=FormationSort.START))

    assert ids(page) == ["soon", "late", "never"]
    assert [row.position.first_month for row in page.rows] == [202612, 202709, NO_SESSION]


async def test_relevance_without_a_text_is_distance(store_of: StoreOf) -> None:
    store = await store_of(
        [formation("far", "A", point=(49, 2.35)), formation("near", "Titre bien plus long")]
    )

    assert ids(await store.search(FormationCriteria(zone=Zone(PARIS)), BY_RELEVANCE)) == ["near", "far"]


async def test_pages_follow_one_another_without_gap_or_repeat(store_of: StoreOf) -> None:
    store = await store_of([formation(f"{number:02}", f"titre {number % 3}") for number in range(23)])
    criteria = FormationCriteria(zone=Zone(PARIS, 30))
    whole = ids(await store.search(criteria, ALL))

    seen: list[str] = []
    after = None
    while True:
        page = await store.search(criteria, PageWanted(5, after))
        assert page.total == 23
        seen += ids(page)
        if not page.has_next:
            break
        after = page.rows[-1].position

    assert seen == whole
    assert len(page.rows) == 3


async def test_last_full_page_says_that_it_is_the_last(store_of: StoreOf) -> None:
    store = await store_of([formation("a"), formation("b")])

    assert not (await store.search(FormationCriteria(), PageWanted(2))).has_next
    assert (await store.search(FormationCriteria(), PageWanted(1))).has_next


async def test_page_of_zero_rows_still_counts(store_of: StoreOf) -> None:
    store = await store_of([formation("a"), formation("b")])

    page = await store.search(FormationCriteria(), PageWanted(0, with_facets=True))

    assert page == FormationPage(
        (),
        total=2,
        has_next=True,
        facets=Facets(niveaux=((3, 2),), domaines=(("D11", 2),), departements=(("75", 2),)),
    )


@pytest.mark.parametrize("sort", FormationSort)
@pytest.mark.parametrize("zone", [Zone(), Zone(PARIS)])
async def test_position_stays_right_when_its_row_has_gone(
    store_of: StoreOf, zone: Zone, sort: FormationSort
) -> None:
    rows = [formation(name) for name in "abcdef"]
    criteria = FormationCriteria(zone=zone, texte=text("boulang"))
    page = await (await store_of(rows)).search(criteria, PageWanted(3, sort=sort))

    refreshed = await store_of([each for each in rows if each.id not in {"a", "c"}])
    rest = await refreshed.search(criteria, PageWanted(10, page.rows[-1].position, sort))

    assert ids(page) == ["a", "b", "c"]
    assert ids(rest) == ["d", "e", "f"]


async def test_empty_circle_offers_the_five_nearest_that_meet_the_rest(store_of: StoreOf) -> None:
    rows = [formation(f"{number}", point=(40 + number, 2)) for number in range(8)]
    store = await store_of([*rows, formation("other", romes=["F1703"]), formation("nowhere", point=None)])
    criteria = FormationCriteria(romes=frozenset({"D1102"}), zone=Zone(Point(30, 2), 100))

    page = await store.search(criteria, PageWanted(10, with_facets=True))

    assert page.rows == ()
    assert page.total == 0
    assert [row.formation.id for row in page.plus_proches] == ["0", "1", "2", "3", "4"]
    assert page.plus_proches[0].position.distance_km == pytest.approx(distance_km(Point(30, 2), Point(40, 2)))


async def test_nearest_are_offered_for_an_empty_circle_only(store_of: StoreOf) -> None:
    store = await store_of([formation("a")])
    elsewhere = FormationCriteria(zone=Zone(departements=frozenset({"13"})))
    within = FormationCriteria(zone=Zone(PARIS, 30))

    assert (await store.search(elsewhere, ALL)).plus_proches == ()
    assert (await store.search(within, ALL)).plus_proches == ()


async def test_whole_rows_come_back(store_of: StoreOf) -> None:
    row = formation("a", rncp="RNCP1", romes=["D1102", "D1104"], niveau=4)
    store = await store_of([row, formation("b", point=None, insee=None, departement=None)])

    page = await store.search(FormationCriteria(refinements=NIVEAU_4), ALL)

    assert page.rows[0].formation == row


async def test_formations_by_id_are_those_that_exist(store_of: StoreOf) -> None:
    rows = [formation("a"), formation("b#75111"), formation("c")]
    store = await store_of(rows)

    assert await store.by_ids(["c", "?", "b#75111", "c"]) == {"c": rows[2], "b#75111": rows[1]}
    assert await store.by_ids([]) == {}


async def test_full_store_answers_ping(store_of: StoreOf) -> None:
    await (await store_of([formation("a")])).ping()

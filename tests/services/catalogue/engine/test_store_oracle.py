from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from services.catalogue.criteria import (
    EXACT,
    FUZZIER,
    FUZZY,
    PREFIX,
    Alternative,
    FormationCriteria,
    FormationSort,
    FoundFormation,
    PageWanted,
    Position,
    Refinements,
    TextQuery,
)
from services.catalogue.engine.distance import distances_km
from services.catalogue.engine.grid import round_zone_to_grid
from services.catalogue.formation import NIVEAUX, Formation
from services.catalogue.live import FormationStore
from services.catalogue.tables import Tables
from services.france.geo import Point, Zone
from tests.services.catalogue.conftest import StoreOf
from tests.support.catalogue.oracle import Match, Oracle, places
from tests.support.catalogue.small_france import formation

THIS_MONTH = "2026-11"
ROMES = ("D1102", "D1104", "D1202", "F1703", "G1602", "M1805")
PLACES = (("75111", "75"), ("69383", "69"), ("2A004", "2A"), ("97411", "974"), (None, None))
MONTHS = ("2026-09", "2026-11", "2027-01", "2027-09")
DIPLOMES = ("CERTIFICAT D'APTITUDE PROFESSIONNELLE", "BREVET PROFESSIONNEL", "BAC PROFESSIONNEL")
TITLES = (
    "Boulanger",
    "BOULANGER (CAP)",
    "Maçon (CAP)",
    "maçon cap",
    "Œnologue",
    "Management commercial opérationnel (BTS)",
)
TOKENS = ("boulang", "macon", "cap", "bts", "mco", "profesionel", "coifur", "vivant", "75011", "absent")


def generated_rows() -> list[Formation]:
    """Rows with few titles and places: they tie often, so that each part of the order decides somewhere."""
    rng = random.Random(12)
    rows = []
    for number in range(600):
        insee, departement = rng.choice(PLACES)
        row = formation(
            f"{rng.choice('abc')}{number}",
            rng.choice(TITLES),
            romes=rng.sample(ROMES, rng.randrange(4)),
            niveau=rng.choice([0, *NIVEAUX]),
            rncp=rng.choice([None, "RNCP1", "RNCP2"]),
            point=rng.choice([None, (48.86, 2.35), (48.9, 2.4), (rng.uniform(42, 51), rng.uniform(-4, 8))]),
            insee=insee,
            departement=departement,
        )
        rows.append(
            replace(
                row,
                diplome=rng.choice([None, *DIPLOMES]),
                sessions=tuple(sorted(rng.sample(MONTHS, rng.randrange(4)))),
                etablissement=replace(row.etablissement, qualiopi=rng.choice([None, True, False])),
                lieu=replace(row.lieu, code_postal=rng.choice([None, "75011", "13001"])),
            )
        )
    return rows


GENERATED = generated_rows()
PLACED = [each for each in GENERATED if each.lieu.point]
ORACLE = Oracle(GENERATED)

# Shrinking a failure takes minutes against a server, and the searches are small anyway.
contract = settings(deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])

points = st.one_of(
    st.sampled_from([Point(48.8566, 2.3522), Point(48.86, 2.35), Point(43.3, 5.4)]),
    st.builds(Point, st.floats(41, 51.5), st.floats(-5, 9)),
)
offsets = st.floats(-1, 1) | st.floats(-1e-5, 1e-5)
zones = st.one_of(
    st.just(Zone()),
    st.builds(Zone, points),
    st.builds(Zone, points, st.one_of(st.sampled_from([0.5, 10.0, 30.0, 200.0]), st.floats(0.01, 200))),
    st.builds(
        Zone, st.none() | points, communes=st.frozensets(st.sampled_from(["75111", "2A004", "?"]), min_size=1)
    ),
    st.builds(Zone, st.none(), departements=st.frozensets(st.sampled_from(["75", "2A", "974"]), min_size=1)),
)
groups = st.lists(
    st.builds(Alternative, st.sampled_from(TOKENS), st.sampled_from([EXACT, PREFIX, FUZZY, FUZZIER])),
    min_size=1,
    max_size=3,
    unique_by=lambda each: each.token,
).map(tuple)
texts = st.builds(TextQuery, st.lists(groups, min_size=1, max_size=3).map(tuple), st.booleans())


def few(*values: str) -> st.SearchStrategy[frozenset[str]]:
    """Mostly the empty set, so that searches find something."""
    return st.just(frozenset[str]()) | st.just(frozenset[str]()) | st.frozensets(st.sampled_from(values))


refinements_of_any_kind = st.builds(
    Refinements,
    niveaux=st.just(frozenset[int]()) | st.frozensets(st.sampled_from(NIVEAUX)),
    diplomes=few(*DIPLOMES, "?"),
    domaines=few("D11", "F17", "Z99"),
    departements=few("75", "2A", "99"),
    mois=few(*MONTHS),
    qualiopi=st.sampled_from([None, None, True, False]),
)
criteria_of_any_kind = st.builds(
    FormationCriteria,
    romes=st.frozensets(st.sampled_from(ROMES), max_size=3),
    rome_domaine=st.sampled_from([None, None, "D", "D11", "M18"]),
    rncps=st.frozensets(st.sampled_from(["RNCP1", "RNCP2"]), max_size=1),
    zone=zones,
    texte=st.none() | texts,
    refinements=refinements_of_any_kind,
)
sorts = st.sampled_from(FormationSort)


async def check(
    store: FormationStore, oracle: Oracle, criteria: FormationCriteria, sort: FormationSort, first: int
) -> None:
    """Check that the pages of the store, joined, are the rows that the oracle finds."""
    expected = oracle.matching(criteria, sort)
    nearest = oracle.nearest(criteria)
    found: list[FoundFormation] = []
    after: Position | None = None
    for _ in range(3):
        wanted = PageWanted(first, after, sort, with_facets=after is None, today=THIS_MONTH)
        page = await store.search(criteria, wanted)
        assert page.total == len(expected)
        found += page.rows
        if after is None:
            assert page.facets == oracle.facets(criteria, THIS_MONTH)
        else:
            assert page.facets is None
        assert [row.formation.id for row in page.plus_proches] == nearest
        assert page.has_next == (len(found) < len(expected))
        if not page.has_next:
            break
        after = page.rows[-1].position
    check_rows(found, expected[: len(found)])


def about(distance: float | None) -> object:
    """Equal up to the last bits, which depend on the engine and never decide the order."""
    return None if distance is None else pytest.approx(distance, rel=1e-12, abs=1e-12)


def check_rows(found: Sequence[FoundFormation], expected: Sequence[Match]) -> None:
    assert [row.formation for row in found] == [match.row.formation for match in expected]
    for row, match in zip(found, expected, strict=True):
        assert row.position.distance_km == about(match.distance)
        assert replace(row.position, distance_km=match.distance) == match.position()


@pytest.fixture(scope="module")
async def generated_store(store_of: StoreOf) -> FormationStore:
    return await store_of(GENERATED)


@pytest.mark.slow
@settings(contract, max_examples=100)
@given(criteria=criteria_of_any_kind, sort=sorts, first=st.integers(1, 100))
async def test_search_is_a_look_at_every_row(
    generated_store: FormationStore, criteria: FormationCriteria, sort: FormationSort, first: int
) -> None:
    await check(generated_store, ORACLE, criteria, sort, first)


@settings(contract, max_examples=50)
@given(criteria=criteria_of_any_kind, sort=sorts, place=st.floats(0, 1))
async def test_pages_with_and_without_facets_are_the_same(
    generated_store: FormationStore, criteria: FormationCriteria, sort: FormationSort, place: float
) -> None:
    expected = ORACLE.matching(criteria, sort)
    assume(expected)
    after = expected[int(place * (len(expected) - 1))].position()
    wanted = PageWanted(10, after, sort, today=THIS_MONTH)

    bare = await generated_store.search(criteria, wanted)
    counted = await generated_store.search(criteria, replace(wanted, with_facets=True))

    assert replace(counted, facets=None) == bare


@pytest.mark.slow
@settings(contract, max_examples=50)
@given(place=st.sampled_from(PLACED), north=offsets, east=offsets)
async def test_row_on_the_edge_is_inside_and_none_beyond_it(
    generated_store: FormationStore, place: Formation, north: float, east: float
) -> None:
    latitudes, longitudes = places([place])
    zone = Zone(Point(float(latitudes[0]) + north, float(longitudes[0]) + east))
    origin = round_zone_to_grid(zone).origin
    assert origin is not None
    radius = float(distances_km(origin, latitudes, longitudes)[0])
    # Within a metre the rounding of Elasticsearch leaves out one such row in two hundred.
    assume(0.001 < radius <= 200)

    within = FormationCriteria(zone=replace(zone, rayon_km=radius))
    expected = ORACLE.matching(within)
    assert place in [match.row.formation for match in expected]
    assert (await generated_store.search(within, PageWanted(1))).total == len(expected)

    # Below this distance Elasticsearch takes a whole cell of its grid if the corners are inside, and its
    # rounding may put a corner some billionths of a metre nearer than the row.
    assume(radius > 0.01)
    short = FormationCriteria(zone=replace(zone, rayon_km=radius * (1 - 1e-11)))
    assert (await generated_store.search(short, PageWanted(1))).total == len(ORACLE.matching(short))
    assert len(ORACLE.matching(short)) < len(expected)


@pytest.mark.parametrize("centimetres", [0, 1, 3, 10, 30, 100])
async def test_rows_next_to_the_origin_come_in_one_order(store_of: StoreOf, centimetres: int) -> None:
    """There the rounding of the formula decides the order, so both engines must round alike."""
    origin = Point(48.8566, 2.3522)
    step = centimetres * 1e-7
    around = [(north * step, east * step) for north in range(-4, 5) for east in range(-4, 5)]
    rows = [
        formation(f"{number}", point=(origin.latitude + north, origin.longitude + east))
        for number, (north, east) in enumerate(around)
    ]
    store = await store_of(rows)

    page = await store.search(FormationCriteria(zone=Zone(origin, 1.0)), PageWanted(100))

    check_rows(page.rows, Oracle(rows).matching(FormationCriteria(zone=Zone(origin, 1.0))))


@pytest.fixture(scope="module")
def real_rows(real_import: tuple[list[Formation], Tables]) -> list[Formation]:
    """A sample with rows of every kind, small enough for an oracle that reads each row."""
    return random.Random(7).sample(real_import[0], 3_000)


@pytest.fixture(scope="module")
def real_oracle(real_rows: list[Formation]) -> Oracle:
    return Oracle(real_rows)


@pytest.fixture(scope="module")
async def real_store(real_rows: list[Formation], store_of: StoreOf) -> FormationStore:
    return await store_of(real_rows)


real_texts = st.builds(
    TextQuery,
    st.lists(
        st.lists(
            st.builds(
                Alternative,
                st.sampled_from(["cap", "bts", "mco", "cuisin", "boulang", "comercial", "lyon", "agricol"]),
                st.sampled_from([EXACT, PREFIX, FUZZY]),
            ),
            min_size=1,
            max_size=2,
            unique_by=lambda each: each.token,
        ).map(tuple),
        min_size=1,
        max_size=2,
    ).map(tuple),
    st.booleans(),
)
real_criteria = st.builds(
    FormationCriteria,
    romes=st.just(frozenset[str]()) | st.frozensets(st.sampled_from(ROMES), max_size=3),
    rome_domaine=st.sampled_from([None, None, None, "D", "N", "D11"]),
    zone=zones,
    texte=st.none() | real_texts,
    refinements=st.builds(
        Refinements,
        niveaux=st.just(frozenset[int]()) | st.frozensets(st.sampled_from(NIVEAUX)),
        domaines=few("D11", "G16", "F17"),
        departements=few("75", "69", "59"),
        qualiopi=st.sampled_from([None, None, True, False]),
    ),
)


@settings(contract, max_examples=25)
@given(criteria=real_criteria, sort=sorts, first=st.integers(1, 100))
async def test_search_of_real_rows_is_a_look_at_every_row(
    real_store: FormationStore,
    real_oracle: Oracle,
    criteria: FormationCriteria,
    sort: FormationSort,
    first: int,
) -> None:
    await check(real_store, real_oracle, criteria, sort, first)

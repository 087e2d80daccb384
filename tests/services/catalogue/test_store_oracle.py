from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.catalogue.catalogue import FormationStore
from services.catalogue.formation import NIVEAUX, Formation, FormationCriteria, PageWanted
from services.catalogue.tables import Tables
from services.common.geo import Point, Zone
from services.common.geo_columns import distances_km
from tests.services.catalogue.conftest import StoreOf
from tests.services.catalogue.oracle import levels, matching
from tests.services.catalogue.small_france import formation

ROMES = ("D1102", "D1104", "D1202", "F1703", "G1602", "M1805")
PLACES = (("75111", "75"), ("69383", "69"), ("2A004", "2A"), ("97411", "974"), (None, None))


def generated_rows() -> list[Formation]:
    """Many ties: few titles and few places, so that each part of the order decides somewhere."""
    rng = random.Random(12)
    rows = []
    for number in range(600):
        insee, departement = rng.choice(PLACES)
        rows.append(
            formation(
                f"{rng.choice('abc')}{number}",
                rng.choice(["Boulanger", "BOULANGER", "Maçon (CAP)", "maçon cap", "Œnologue", "élève"]),
                romes=rng.sample(ROMES, rng.randrange(4)),
                niveau=rng.choice([0, *NIVEAUX]),
                rncp=rng.choice([None, "RNCP1", "RNCP2"]),
                point=rng.choice(
                    [None, (48.86, 2.35), (48.9, 2.4), (rng.uniform(42, 51), rng.uniform(-4, 8))]
                ),
                insee=insee,
                departement=departement,
            )
        )
    return rows


GENERATED = generated_rows()
PLACED = [each.lieu.point for each in GENERATED if each.lieu.point]

points = st.one_of(
    st.sampled_from([Point(48.8566, 2.3522), Point(48.86, 2.35), Point(43.3, 5.4)]),
    st.builds(Point, st.floats(41, 51.5), st.floats(-5, 9)),
)
zones = st.one_of(
    st.just(Zone()),
    st.builds(Zone, points),
    st.builds(Zone, points, st.one_of(st.sampled_from([0.5, 10.0, 30.0, 200.0]), st.floats(0.01, 200))),
    st.builds(
        Zone, st.none() | points, communes=st.frozensets(st.sampled_from(["75111", "2A004", "?"]), min_size=1)
    ),
    st.builds(Zone, st.none(), departements=st.frozensets(st.sampled_from(["75", "2A", "974"]), min_size=1)),
)
criteria_of_any_kind = st.builds(
    FormationCriteria,
    romes=st.frozensets(st.sampled_from(ROMES), max_size=3),
    rome_domaine=st.sampled_from([None, None, "D", "D11", "M18"]),
    rncps=st.frozensets(st.sampled_from(["RNCP1", "RNCP2"]), max_size=1),
    niveau=st.sampled_from([0, 0, *NIVEAUX]),
    zone=zones,
)


async def check(
    store: FormationStore, rows: Sequence[Formation], criteria: FormationCriteria, first: int
) -> None:
    """The store's pages, put end to end, are what a look at every row finds."""
    expected = matching(rows, criteria)
    found: list[tuple[float | None, str]] = []
    after = None
    for _ in range(4):
        page = await store.search(criteria, PageWanted(first, after, with_facets=after is None))
        assert page.total == len(expected)
        found += [(row.position.distance_km, row.formation.id) for row in page.rows]
        if after is None:
            assert page.niveaux == levels(rows, criteria)
        assert page.has_next == (len(found) < len(expected))
        if not page.has_next:
            break
        after = page.rows[-1].position
    assert found == [(distance, each.id) for distance, each in expected[: len(found)]]
    nearest: list[str] = []
    if criteria.zone.radius_km is not None and not expected:
        anywhere = matching(rows, criteria, anywhere=True)
        nearest = [each.id for distance, each in anywhere if distance is not None][:5]
    assert [row.formation.id for row in page.plus_proches] == nearest


@pytest.fixture(scope="module")
def generated_store(store_of: StoreOf) -> FormationStore:
    return store_of(GENERATED)


@settings(max_examples=150, deadline=None)
@given(criteria=criteria_of_any_kind, first=st.integers(1, 100))
async def test_search_is_a_look_at_every_row(
    generated_store: FormationStore, criteria: FormationCriteria, first: int
) -> None:
    await check(generated_store, GENERATED, criteria, first)


@settings(max_examples=100, deadline=None)
@given(place=st.sampled_from(PLACED), north=st.floats(-1, 1), east=st.floats(-1, 1))
async def test_row_on_the_edge_is_inside(
    generated_store: FormationStore, place: Point, north: float, east: float
) -> None:
    origin = Point(place.latitude + north, place.longitude + east)
    radius = float(distances_km(origin, np.array([place.latitude]), np.array([place.longitude]))[0])
    assume(radius > 0)

    criteria = FormationCriteria(zone=Zone(origin, radius))
    page = await generated_store.search(criteria, PageWanted(100))

    assert page.total == len(matching(GENERATED, criteria)) > 0


@pytest.fixture(scope="module")
def real_rows(real_import: tuple[list[Formation], Tables]) -> list[Formation]:
    return real_import[0]


@pytest.fixture(scope="module")
def real_store(real_rows: list[Formation], store_of: StoreOf) -> FormationStore:
    return store_of(real_rows)


@settings(max_examples=25, deadline=None)
@given(criteria=criteria_of_any_kind, first=st.integers(1, 100))
async def test_search_of_the_real_rows_is_a_look_at_every_row(
    real_store: FormationStore, real_rows: list[Formation], criteria: FormationCriteria, first: int
) -> None:
    await check(real_store, real_rows, criteria, first)

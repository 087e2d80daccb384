from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.sandbox.query import BadParameter, read_query
from tests.support.jobs.partner import COMMUNES

NOW = 1_790_000_000.0


@given(st.integers(0, 3000), st.integers(0, 149))
def test_ranges_within_the_limits_are_read(start: int, more: int) -> None:
    query = read_query({"range": f"{start}-{start + more}"}, COMMUNES, NOW)

    assert (query.start, query.end) == (start, start + more)


def test_defaults() -> None:
    query = read_query({}, COMMUNES, NOW)

    assert (query.start, query.end, query.sort, query.distance_km) == (0, 149, 0, 10)
    assert (query.romes, query.communes, query.departements) == (frozenset(), (), frozenset())


def test_unknown_parameters_are_ignored() -> None:
    assert read_query({"page": "2", "insee": "75056"}, COMMUNES, NOW) == read_query({}, COMMUNES, NOW)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("range", "0"),
        ("range", "0-150"),
        ("range", "10-9"),
        ("range", "3001-3002"),
        ("range", "3000-3150"),
        ("range", "-1-5"),
        ("sort", "3"),
        ("codeROME", "D11"),
        ("codeROME", ",".join(["D1102"] * 201)),
        ("commune", "75056"),
        ("commune", "13055"),
        ("commune", "69123"),
        ("commune", "99999"),
        ("commune", "Paris"),
        ("commune", "98735"),
        ("commune", "20004"),
        ("commune", "75101,75111,93066,78646,46042,46102"),
        ("distance", "dix"),
        ("distance", "-1"),
        ("departement", "Lot"),
        ("departement", "01,02,03,04,05,06"),
        ("region", "Occitanie"),
        ("codeNAF", "1071C"),
        ("niveauFormation", "NV9"),
        ("motsCles", "a"),
        ("minCreationDate", "2026-10-01"),
        ("maxCreationDate", "hier"),
        ("publieeDepuis", "x"),
    ],
)
def test_bad_parameter_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadParameter, match=f"« {name} »|position|plage"):
        read_query({name: value}, COMMUNES, NOW)

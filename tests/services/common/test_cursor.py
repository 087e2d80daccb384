from __future__ import annotations

from typing import Annotated

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import Field, FiniteFloat, TypeAdapter

from protos import geo_pb2, jobs_pb2, matcha_pb2, rdv_pb2
from services.common.cursor import MAX_CURSOR_CHARS, decode_cursor, encode_cursor, search_digest
from services.common.errors import InvalidRequest, Problem
from tests.support.common.cursors import tampered, written

DIGEST = "0123456789"
Key = tuple[float | None, str, int]
KEY: TypeAdapter[Key] = TypeAdapter(
    tuple[FiniteFloat | None, str, Annotated[int, Field(ge=-(2**63), lt=2**63)]]
)

# JSON, and so a cursor, holds neither NaN, nor infinity, nor a lone surrogate.
finite = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
ids = st.integers(-(2**63), 2**63 - 1)
keys = st.tuples(st.none() | finite, texts, ids)


def refusal(cursor: str, digest: str = DIGEST) -> Problem:
    with pytest.raises(InvalidRequest) as raised:
        decode_cursor(cursor, digest, KEY)
    (problem,) = raised.value.problems
    return problem


@given(keys)
def test_key_comes_back_as_it_went(key: Key) -> None:
    cursor = encode_cursor(DIGEST, key)

    assert decode_cursor(cursor, DIGEST, KEY) == key
    assert cursor.isascii()
    assert not set(cursor) & set("+/=")


def test_whole_distance_may_stand_where_a_float_is_expected() -> None:
    assert decode_cursor(encode_cursor(DIGEST, (3, "a", 1)), DIGEST, KEY) == (3, "a", 1)


@given(keys, st.data())
def test_tampered_cursor_is_refused_or_read_as_a_key_of_the_right_kinds(
    key: Key, data: st.DataObject
) -> None:
    check_refused_or_right(data.draw(tampered(encode_cursor(DIGEST, key))))


@given(st.text(max_size=60))
@example("")
@example("é")
@example("====")
@example("W10")
@example("bnVsbA")
@example("WyIwMTIzNDU2Nzg5Iix0cnVlLCJhIiwxXQ")
def test_any_text_is_refused_or_read_as_a_key_of_the_right_kinds(text: str) -> None:
    check_refused_or_right(text)


def check_refused_or_right(cursor: str) -> None:
    try:
        key = decode_cursor(cursor, DIGEST, KEY)
    except InvalidRequest:
        assert refusal(cursor).field == "after"
        return
    distance, name, number = key
    assert type(distance) in {float, type(None)}
    assert type(name) is str
    assert type(number) is int


@pytest.mark.parametrize(
    "key",
    [
        [True, "a", 1],
        [1.0, None, 1],
        [1.0, "a", 1.5],
        [1.0, "a"],
        [1.0, "a", 1, 2],
        ["1", "a", 1],
        [float("nan"), "a", 1],
        [float("inf"), "a", 1],
        [1.0, "a", 2**64],
        [1.0, "a", 2**63],
    ],
)
def test_key_of_other_kinds_is_refused(key: list[object]) -> None:
    assert "curseur illisible" in refusal(written([DIGEST, *key])).message


def test_a_cursor_longer_than_any_that_is_made_is_refused_unread() -> None:
    cursor = encode_cursor(DIGEST, (1.0, "a" * MAX_CURSOR_CHARS, 1))

    assert "curseur illisible" in refusal(cursor).message


@given(keys, texts)
def test_cursor_of_another_search_is_refused_by_that_name(key: Key, digest: str) -> None:
    assume(digest != DIGEST)

    problem = refusal(encode_cursor(DIGEST, key), digest)

    assert problem.field == "after"
    assert "autre recherche" in problem.message


def test_the_same_bytes_of_two_services_are_two_searches() -> None:
    offres = jobs_pb2.SearchOffresRequest(romes=["D1102"], sort=jobs_pb2.OFFRE_SORT_DATE)
    besoins = matcha_pb2.SearchBesoinsRequest(romes=["D1102"], sort=matcha_pb2.BESOIN_SORT_DATE)

    assert offres.SerializeToString() == besoins.SerializeToString()
    assert search_digest(offres) != search_digest(besoins)


@given(st.integers(0, 100), st.text(st.characters(codec="ascii")))
def test_paging_is_no_part_of_the_search(first: int, after: str) -> None:
    bare = jobs_pb2.SearchOffresRequest(romes=["D1102"])
    paged = jobs_pb2.SearchOffresRequest(romes=["D1102"], first=first, after=after)

    assert search_digest(paged) == search_digest(bare)
    assert paged.first == first


@given(finite, finite, st.lists(texts, max_size=3), st.lists(texts, max_size=3))
def test_different_searches_have_different_names(
    latitude: float, other_latitude: float, romes: list[str], other_romes: list[str]
) -> None:
    def digest(latitude: float, romes: list[str]) -> str:
        zone = geo_pb2.Zone(origin=geo_pb2.Point(latitude=latitude), rayon_km=10)
        return search_digest(jobs_pb2.SearchOffresRequest(romes=romes, zone=zone))

    # repr distinguishes -0.0 from 0.0, as protobuf does.
    same = (repr(latitude), romes) == (repr(other_latitude), other_romes)
    assert (digest(latitude, romes) == digest(other_latitude, other_romes)) is same


def test_absent_restriction_and_default_one_are_different_searches() -> None:
    without = jobs_pb2.SearchOffresRequest(zone=geo_pb2.Zone())
    with_zero = jobs_pb2.SearchOffresRequest(zone=geo_pb2.Zone(rayon_km=0))

    assert search_digest(without) != search_digest(with_zero)


def test_the_paging_fields_of_a_request_are_named_by_its_service() -> None:
    one, two = (rdv_pb2.ListCreneauxRequest(formation_ids=["f"], first=first) for first in (1, 2))

    assert search_digest(one, paging=("first", "not_before")) == search_digest(two, paging=("first",))

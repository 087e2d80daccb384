from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from protos import geo_pb2, jobs_pb2, rdv_pb2
from services.common.cursor import KeyPart, decode_cursor, encode_cursor, search_digest
from services.common.errors import InvalidRequest, Problem

DIGEST = "0123456789"
NONE = type(None)
KINDS = ((float, NONE), str, int)

# JSON, and so a cursor, holds neither NaN, nor infinity, nor a lone surrogate.
finite = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]))
ids = st.integers(-(2**63), 2**63 - 1)
keys = st.tuples(st.none() | finite, texts, ids)


def refusal(cursor: str, digest: str = DIGEST) -> Problem:
    with pytest.raises(InvalidRequest) as raised:
        decode_cursor(cursor, digest, KINDS)
    (problem,) = raised.value.problems
    return problem


@given(keys)
def test_key_comes_back_as_it_went(key: tuple[float | None, str, int]) -> None:
    cursor = encode_cursor(DIGEST, key)

    assert decode_cursor(cursor, DIGEST, KINDS) == list(key)
    assert cursor.isascii()
    assert not set(cursor) & set("+/=")


def test_whole_distance_may_stand_where_a_float_is_expected() -> None:
    assert decode_cursor(encode_cursor(DIGEST, (3, "a", 1)), DIGEST, KINDS) == [3, "a", 1]


@given(keys, st.data())
def test_corrupted_cursor_is_refused_or_read_as_a_key_of_the_right_kinds(
    key: tuple[float | None, str, int], data: st.DataObject
) -> None:
    cursor = encode_cursor(DIGEST, key)
    position = data.draw(st.integers(0, len(cursor)))
    removed = data.draw(st.integers(0, 3))
    corrupted = cursor[:position] + data.draw(st.text(max_size=3)) + cursor[position + removed :]

    check_refused_or_right(corrupted)


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
        key = decode_cursor(cursor, DIGEST, KINDS)
    except InvalidRequest:
        assert refusal(cursor).field == "after"
        return
    distance, name, number = key
    assert isinstance(distance, float | int | None)
    assert isinstance(name, str)
    assert isinstance(number, int)
    assert not {type(distance), type(number)} & {bool}


@pytest.mark.parametrize(
    "key", [(True, "a", 1), (1.0, None, 1), (1.0, "a", 1.5), (1.0, "a"), (1.0, "a", 1, 2), ("1", "a", 1)]
)
def test_key_of_other_kinds_is_refused(key: tuple[KeyPart, ...]) -> None:
    assert "curseur illisible" in refusal(encode_cursor(DIGEST, key)).message


@given(keys, texts)
def test_cursor_of_another_search_is_refused_by_that_name(
    key: tuple[float | None, str, int], digest: str
) -> None:
    assume(digest != DIGEST)

    problem = refusal(encode_cursor(DIGEST, key), digest)

    assert problem.field == "after"
    assert "autre recherche" in problem.message


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

    # repr tells -0.0 from 0.0, as protobuf does.
    same = (repr(latitude), romes) == (repr(other_latitude), other_romes)
    assert (digest(latitude, romes) == digest(other_latitude, other_romes)) is same


def test_absent_restriction_and_default_one_are_different_searches() -> None:
    without = jobs_pb2.SearchOffresRequest(zone=geo_pb2.Zone())
    with_zero = jobs_pb2.SearchOffresRequest(zone=geo_pb2.Zone(rayon_km=0))

    assert search_digest(without) != search_digest(with_zero)


def test_the_paging_fields_of_a_request_are_named_by_its_service() -> None:
    one, two = (rdv_pb2.ListCreneauxRequest(formation_ids=["f"], first=first) for first in (1, 2))

    assert search_digest(one, paging=("first", "not_before")) == search_digest(two, paging=("first",))

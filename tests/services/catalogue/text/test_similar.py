from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from services.catalogue.text.limits import MAX_COMPARED
from services.catalogue.text.similar import Comparisons, SimilarWords, mistakes_allowed

# Few letters, so that many words are close to one another.
WORDS = st.text("abcé2", max_size=11)


@pytest.mark.parametrize(
    ("typed", "allowed"),
    [("", 0), ("mai", 0), ("mais", 1), ("boulang", 1), ("boulange", 2), ("75011", 0), ("abcd1", 0)],
)
def test_mistakes_allowed_by_length(typed: str, allowed: int) -> None:
    assert mistakes_allowed(typed) == allowed


@given(known=st.sets(WORDS), typed=WORDS, prefixes=st.booleans())
@example(known={"aabb"}, typed="abab", prefixes=False)
@example(known={"abcb"}, typed="abca", prefixes=False)
@example(known={"abcabcabc"}, typed="bacabcab", prefixes=True)
def test_finds_every_word_within_the_mistakes(known: set[str], typed: str, prefixes: bool) -> None:
    found = SimilarWords(known, prefixes=prefixes).near(typed, Comparisons(10**6))

    assert sorted(found) == sorted(by_looking_at_every_word(known, typed, prefixes=prefixes))


def by_looking_at_every_word(known: set[str], typed: str, *, prefixes: bool) -> list[tuple[str, int]]:
    whole = {each for each in known if each and set(each) <= set("abc")}
    texts = {each[:cut] for each in whole for cut in range(1, len(each) + 1)} if prefixes else whole
    allowed = mistakes_allowed(typed)
    distances = [(text, OSA.distance(text, typed)) for text in texts]
    return [(text, distance) for text, distance in distances if distance <= allowed] if allowed else []


def test_words_of_other_letters_or_lengths_are_not_compared() -> None:
    comparisons = Comparisons()
    similar = SimilarWords(["boulanger", "boulangerie", "patissier"], prefixes=True)

    assert similar.near("b" * MAX_COMPARED, comparisons) == []
    assert similar.near("xxxxxxxxx", comparisons) == []
    assert comparisons.left == MAX_COMPARED


def test_no_more_comparisons_than_are_left_and_the_same_letters_first() -> None:
    comparisons = Comparisons(2)
    similar = SimilarWords(["abcx", "abcd", "abcy", "abdc", "abcz"])

    assert sorted(similar.near("abcd", comparisons)) == [("abcd", 0), ("abdc", 1)]
    assert comparisons.left == 0
    assert similar.near("abcd", comparisons) == []


@pytest.mark.parametrize("prefixes", [False, True])
def test_nothing_is_near_when_nothing_is_known(prefixes: bool) -> None:
    assert SimilarWords([], prefixes=prefixes).near("boulanger", Comparisons()) == []

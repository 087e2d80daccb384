from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cursors import CursorSigner
from services.common.errors import InvalidRequest

SIGNER = CursorSigner("only-for-these-tests")
RAW = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80)


@given(RAW)
def test_what_was_signed_is_opened(raw: str) -> None:
    assert SIGNER.open("formations", SIGNER.sign("formations", raw)) == raw


@given(RAW, st.integers(min_value=0), st.sampled_from("ABCxyz019-_"))
def test_a_changed_cursor_is_refused_or_means_the_same(raw: str, position: int, char: str) -> None:
    public = SIGNER.sign("formations", raw)
    index = position % len(public)
    changed = public[:index] + char + public[index + 1 :]

    assert _opened_or_refused(changed) in (raw, ["after"])


def _opened_or_refused(public: str) -> str | list[str]:
    try:
        return SIGNER.open("formations", public)
    except InvalidRequest as error:
        return [problem.field for problem in error.problems]


@given(st.text(max_size=60))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        SIGNER.open("formations", text)


def test_a_cursor_of_another_list_is_refused() -> None:
    public = SIGNER.sign("offres", "abc")

    with pytest.raises(InvalidRequest):
        SIGNER.open("formations", public)


def test_a_cursor_signed_with_another_key_is_refused() -> None:
    public = CursorSigner("another-secret-of-tests").sign("formations", "abc")

    with pytest.raises(InvalidRequest):
        SIGNER.open("formations", public)

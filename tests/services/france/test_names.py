from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.france.names import fold, words


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("L'Haÿ-les-Roses", "l hay les roses"),
        ("Œuvre", "oeuvre"),
        ("Bœrsch", "boersch"),
        ("  BOULANGÈRE (CAP) ", "boulangere cap"),
        ("d’Ascq", "d ascq"),
        ("ﬁn", "fin"),
        ("—", ""),
    ],
)
def test_folding_leaves_letters_and_digits(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert " ".join(words(text)) == fold(text)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.france.names import fold, unaccented, words


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
        ("№ 5", "no 5"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
    ],
)
def test_folding_leaves_letters_and_digits(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("written", "unaccented_text"),
    [("L'Haÿ-les-Roses", "L'Hay-les-Roses"), ("Bœuf, ŒUVRE", "Boeuf, OEUVRE"), ("plain", "plain")],
)
def test_text_without_accents_keeps_case_and_punctuation(written: str, unaccented_text: str) -> None:
    assert unaccented(written) == unaccented_text


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert " ".join(words(text)) == fold(text)

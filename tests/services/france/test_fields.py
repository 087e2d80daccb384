from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.france.fields import (
    email_problems,
    key_problems,
    line_problems,
    telephone_digits,
    telephone_problems,
    text_problems,
)


@pytest.mark.parametrize("email", ["a@b.fr", "Prenom.Nom+lba@sous.domaine-long.example", "o'neil@cfa.fr"])
def test_email_addresses_are_accepted(email: str) -> None:
    assert email_problems("email", email) == []


@pytest.mark.parametrize(
    "email",
    ["", "a", "a@b", "a b@c.fr", "a@b.fr\r\nBcc: x@y.fr", "a@-b.fr", "@b.fr", "é@b.fr", f"{'a' * 250}@b.fr"],
)
def test_other_things_are_not_email_addresses(email: str) -> None:
    assert [problem.field for problem in email_problems("contact.email", email)] == ["contact.email"]


@pytest.mark.parametrize("telephone", ["0612345678", "01 23 45 67 89", "06.12.34.56.78", "06-12-34-56-78"])
def test_french_numbers_are_accepted(telephone: str) -> None:
    assert telephone_problems("telephone", telephone) == []
    assert len(telephone_digits(telephone)) == 10


@pytest.mark.parametrize(
    "telephone", ["", "0012345678", "061234567", "+33612345678", "06123456789", "٠٦١٢٣٤٥٦٧٨"]
)
def test_other_numbers_are_not(telephone: str) -> None:
    assert len(telephone_problems("telephone", telephone)) == 1


@pytest.mark.parametrize(
    ("text", "wrong"), [("", True), ("  ", True), ("ab", True), ("abc", False), ("a" * 6, True)]
)
def test_length_is_that_without_blanks_around(text: str, wrong: bool) -> None:
    assert bool(text_problems("nom", text, 3, 5)) is wrong


def test_line_has_no_end_of_line_and_text_may() -> None:
    assert text_problems("message", "a\nb", 1, 10) == []
    assert len(line_problems("nom", "a\nb", 1, 10)) == 1
    assert len(text_problems("message", "a\x00b", 1, 10)) == 1


@given(st.text(max_size=120))
def test_key_is_8_to_100_visible_characters(key: str) -> None:
    right = 8 <= len(key) <= 100 and key.isascii() and all("!" <= char <= "~" for char in key)

    assert (key_problems("cle_idempotence", key) == []) is right

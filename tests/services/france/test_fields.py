from __future__ import annotations

import pytest

from services.france.fields import (
    email_problems,
    mailbox,
    telephone_digits,
    telephone_problems,
)


@pytest.mark.parametrize("email", ["a@b.fr", "Prenom.Nom+lba@sous.domaine-long.example", "o'neil@cfa.fr"])
def test_email_addresses_are_accepted(email: str) -> None:
    assert email_problems("email", email) == []


@pytest.mark.parametrize(
    "email",
    [
        "",
        "a",
        "a@b",
        "a b@c.fr",
        "a@b.fr\r\nBcc: x@y.fr",
        "a@-b.fr",
        "@b.fr",
        "é@b.fr",
        "a@\u212a.fr",
        f"{'a' * 250}@b.fr",
    ],
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
    "email",
    [
        "ana.silva@exemple.fr",
        " Ana.Silva@EXEMPLE.fr ",
        "ana.silva+rdv@exemple.fr",
        "ana.silva+a+b@exemple.fr",
    ],
)
def test_addresses_of_one_mailbox_have_one_spelling(email: str) -> None:
    assert mailbox(email) == "ana.silva@exemple.fr"


def test_address_that_begins_with_a_plus_sign_is_kept() -> None:
    assert mailbox("+ana@exemple.fr") == "+ana@exemple.fr"

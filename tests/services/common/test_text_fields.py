from __future__ import annotations

import pytest

from protos import rdv_pb2
from services.common.errors import Problem
from services.common.text_fields import (
    OWN_RULE,
    Text,
    TextTable,
    normalise_texts,
    text_problems,
    texts_problems,
)
from services.common.texts import Kind

TABLE: TextTable = {
    "formation_id": OWN_RULE,
    "candidat.prenom": Text(Kind.NAME, 1, 10),
    "message": Text(Kind.DESCRIPTION, 0, 20),
}


def _request(prenom: str = "Ana", message: str | None = None) -> rdv_pb2.BookRendezVousRequest:
    return rdv_pb2.BookRendezVousRequest(
        formation_id="  f1  ", candidat=rdv_pb2.Candidat(prenom=prenom), message=message
    )


def test_texts_are_normalised_in_a_copy_and_other_fields_are_not() -> None:
    given = _request("  Re\u0301mi  ", "a\r\nb ")

    normal = normalise_texts(given, TABLE)

    assert normal == rdv_pb2.BookRendezVousRequest(
        formation_id="  f1  ", candidat=rdv_pb2.Candidat(prenom="Rémi"), message="a\nb"
    )
    assert given.candidat.prenom == "  Re\u0301mi  "


def test_absent_message_stays_absent() -> None:
    normal = normalise_texts(rdv_pb2.BookRendezVousRequest(), TABLE)

    assert not normal.HasField("candidat")
    assert not normal.HasField("message")


def test_each_wrong_text_is_told_by_its_path() -> None:
    assert texts_problems(_request("", "<b>"), TABLE) == [
        Problem("candidat.prenom", "obligatoire, de 1 à 10 caractères"),
        Problem(
            "message",
            "contient du HTML (par exemple «\u00a0<b>\u00a0»)\u00a0; écrivez le texte seul, sans balise",
        ),
    ]
    assert texts_problems(_request(), TABLE) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "obligatoire, de 3 à 5 caractères"),
        ("ab", "2 caractères\u00a0; il en faut de 3 à 5"),
        ("abcdef", "6 caractères\u00a0; il en faut de 3 à 5"),
        ("abc", None),
        ("a\u200bc", "invisible"),
    ],
)
def test_length_comes_before_content(text: str, message: str | None) -> None:
    problems = text_problems("nom", text, Text(Kind.NAME, 3, 5))

    assert len(problems) == (message is not None)
    assert all(message is not None and message in problem.message for problem in problems)

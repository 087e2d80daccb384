from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.text.analyser import STOP_WORDS, Analyser, stem

ANALYSER = Analyser()


@pytest.mark.parametrize(
    "same",
    [
        "boulanger boulangère boulangers Boulangères BOULANGERIE",
        "pâtissier pâtissière patisserie PATISSIERS",
        "coiffeur coiffeuse coiffeurs coifeur",
        "mécanicien mécanicienne mecaniciens",
        "ébéniste ébénisterie ébénistes",
        "commercial commerciale commerciaux commerciales",
        "éducateur éducatrice educateurs éducateur(trice)",
        "assistant assistante assistant(e) assistants",
        "étudiant étudiant·e étudiant·e·s",
        "vendeur vendeuse vendeur/se vendeur.euse",
        "sportif sportive sportifs",
        "maçon maçonnerie MACONS",
        "électricien électricienne electricien(ne)",
        "employé employée employé(e) employe",
        "art arts",
    ],
)
def test_gender_number_and_trade_come_to_one_token(same: str) -> None:
    assert len({tuple(ANALYSER.tokens(word)) for word in same.split()}) == 1


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("L'aide à la personne", ["aide", "person"]),
        ("Métiers d’art et du design", ["meti", "art", "design"]),
        ("C.A.P. boulanger", ["cap", "boulang"]),
        ("B.T.S", ["bts"]),
        ("BTS MCO", ["bts", "mco"]),
        ("bac+2", ["bac", "2"]),
        ("75011 Paris", ["75011", "pari"]),
        ("Œnologie", ["oenolog"]),
        ("OPERATIONNEL(BTS)", ["operationel", "bts"]),
        ("travaux", ["traval"]),
        ("travail", ["travail"]),
        ("bois", ["bois"]),
        ("SPSSS", ["spsss"]),
        ("le la les", []),
        ("—", []),
        ("", []),
    ],
)
def test_tokens_of_a_text(text: str, tokens: list[str]) -> None:
    assert ANALYSER.tokens(text) == tokens


@pytest.mark.parametrize(
    ("title", "acronyms"),
    [
        ("MANAGEMENT COMMERCIAL OPERATIONNEL (BTS)", {"mco"}),
        ("ACCOMPAGNANT EDUCATIF PETITE ENFANCE (CAP)", {"aepe"}),
        ("NEGOCIATION ET DIGITALISATION DE LA RELATION CLIENT (BTS)", {"ndrc"}),
        ("SUPPORT A L'ACTION MANAGERIALE (BTS)", {"sam", "saam"}),
        ("GESTION DE LA PME (BTS)", {"gpme", stem("gdlpme")}),
        (
            "SERVICES INFORMATIQUES AUX ORGANISATIONS OPTION B SOLUTIONS LOGICIELLES ET APPLICATIONS METIERS",
            {"sio", "siao", "slam", "sleam"},
        ),
        ("CHARGE D'AFFAIRES PUBLIQUES", set()),
        ("BOULANGER (CAP)", set()),
        ("", set()),
    ],
)
def test_acronyms_of_a_title(title: str, acronyms: set[str]) -> None:
    assert ANALYSER.acronyms(title) == acronyms


def test_acronym_typed_is_the_token_of_the_acronym() -> None:
    title = "SERVICES ET PRESTATIONS DES SECTEURS SANITAIRE ET SOCIAL (BTS)"

    assert set(ANALYSER.tokens("SPSSS")) <= ANALYSER.acronyms(title)


@given(st.text())
def test_tokens_are_folded_words_that_say_something(text: str) -> None:
    tokens = ANALYSER.tokens(text)

    assert all(token.isascii() and token.isalnum() and token == token.lower() for token in tokens)
    assert not set(ANALYSER.tokens(" ".join(STOP_WORDS)))
    assert ANALYSER.tokens(text.upper().lower()) == ANALYSER.tokens(text.upper())


@given(st.from_regex(r"[a-z]{1,12}", fullmatch=True))
def test_stem_is_the_beginning_of_something(word: str) -> None:
    assert stem(word)
    assert len(stem(word)) <= len(word) + 1

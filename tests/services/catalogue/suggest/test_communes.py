from __future__ import annotations

import pytest

from services.catalogue.suggest.commune_index import CommuneIndex
from services.catalogue.suggest.communes import CommuneSuggestions
from tests.support.france.communes import table_of

SUGGESTIONS = CommuneSuggestions(table_of(), CommuneIndex.of(list(table_of())))


def suggested(texte: str, first: int = 10) -> list[str]:
    return [each.insee for each in SUGGESTIONS.suggest(texte, first)]


@pytest.mark.parametrize("texte", ["saint den", "SAINT-DEN", "st den", "st-denis", "saintden"])
def test_saint_denis_by_population(texte: str) -> None:
    assert suggested(texte, 2) == ["97411", "93066"]


@pytest.mark.parametrize(
    ("texte", "insees"),
    [
        ("paris", ["75056", "75111", "75101"]),
        ("paris 11", ["75111"]),
        ("lyon", ["69123", "69383", "69381"]),
        ("750", ["75056", "75111", "75101"]),
        ("75011", ["75111"]),
        ("13001", ["13201"]),
        ("20000", ["2A004"]),
        ("ste", ["97418"]),
        ("sainte", ["97418"]),
        ("marie", ["97418"]),
        ("oeuvre", ["93079"]),
        ("villetaneuse d'œu", ["93079"]),
        ("villetaneuse doeuvre", ["93079"]),
        ("lile saint denis", ["93039"]),
        ("mans le", ["72181"]),
        ("ajacio", ["2A004"]),
        ("marsielle", ["13055", "13211", "13201"]),
        ("saint etiene", ["42218"]),
        ("zzzz", []),
        ("99999", []),
        ("-", []),
    ],
)
def test_suggested_communes(texte: str, insees: list[str]) -> None:
    assert suggested(texte) == insees


def test_mistake_is_forgiven_only_when_nothing_else_is_found() -> None:
    assert suggested("bastia") == ["2B033"]
    assert suggested("eu") == ["76255"]


def test_commune_of_exactly_the_name_typed_is_always_among_the_rows() -> None:
    assert suggested("y", 1) == ["80829"]

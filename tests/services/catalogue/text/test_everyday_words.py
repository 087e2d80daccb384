"""Words that young people type: both engines find the trainings that they mean, in the real data."""

from __future__ import annotations

import pytest

from services.france.names import words
from tests.support.catalogue.real_engines import Engine, Request

EVERYDAY = [
    ("mécano", "mecanicien", "I1604"),
    ("pneus", "maintenance", "I1604"),
    ("deaes", "accompagnant", "K1302"),
    ("baby-sitter", "enfance", "K1303"),
    ("atsem", "enfance", "K1303"),
    ("mcdo", "restaurations", "G1603"),
    ("kebab", "restaurations", "G1603"),
    ("pizzaïolo", "cuisinier", "G1604"),
    ("cuistot", "cuisinier", "G1602"),
    ("toubib", "soignant", "J1506"),
    ("make up", "esthetique", "D1208"),
    ("tatoueur", "esthetique", "D1208"),
    ("salle de sport", "sportif", "G1204"),
    ("muscu", "sportif", "G1204"),
    ("tractopelle", "engins", "F1302"),
    ("camionneur", "transport", "N4101"),
    ("SNCF", "ferroviaire", "I1304"),
    ("pêcheur", "maritime", "A1415"),
    ("fringues", "mode", "B1803"),
    ("télévendeur", "relation", "D1408"),
    ("créer son entreprise", "entrepreneur", "C1104"),
    ("trader", "finance", "C1301"),
    ("geek", "informatique", "M1805"),
    ("hacker", "informatique", "M1801"),
    ("youtubeur", "communication", "E1103"),
    ("traducteur", "langues", "E1108"),
    ("éboueur", "proprete", "K2303"),
    ("femme de ménage", "proprete", "K2204"),
    ("flic", "securite", "K2503"),
    ("standardiste", "accueil", "M1601"),
]


@pytest.fixture(params=["real_tantivy", "real_elasticsearch"])
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize(("texte", "word", "rome"), EVERYDAY)
async def test_everyday_word_finds_the_trainings_and_the_job(
    engine: Engine, texte: str, word: str, rome: str
) -> None:
    first, *_ = (await engine.search(Request(texte=texte, first=1))).edges
    suggested = await engine.suggest(texte, 5)

    assert word in words(first.node.intitule)
    assert rome in {code.code for metier in suggested for code in metier.romes}


@pytest.mark.parametrize("texte", ["croque-mort", "xylophonzz"])
async def test_what_nobody_teaches_finds_nothing(engine: Engine, texte: str) -> None:
    assert (await engine.search(Request(texte=texte, first=1))).total_count == 0

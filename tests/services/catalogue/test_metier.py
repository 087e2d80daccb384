from __future__ import annotations

import pytest

from services.catalogue.formation import Formation
from services.catalogue.import_formations import Origin
from services.catalogue.load import Import
from services.catalogue.metier import MetierSuggestions
from services.catalogue.tables import Tables
from services.common.report import ImportConsole
from tests.services.catalogue.conftest import TODAY
from tests.services.catalogue.small_france import write_data

BOULANGER = "Boulanger / Boulangère"


@pytest.fixture(scope="module")
def suggestions(tmp_path_factory: pytest.TempPathFactory, quiet: ImportConsole) -> MetierSuggestions:
    data = write_data(
        tmp_path_factory.mktemp("data"), [{"id": "1"}, {"id": "2"}, {"id": "3", "romes": "D1104"}]
    )
    return MetierSuggestions(
        Import(data, Origin("test", fictive=False, today=TODAY), quiet).read()[1].metiers
    )


@pytest.mark.parametrize(
    "texte",
    [
        "boulang",
        "BOULANGERS",
        "boulangères",
        "boulangre",
        "boulnager",
        "bolanger",
        "Boulangère ",
        "boulanger/",
    ],
)
def test_boulanger_comes_first(suggestions: MetierSuggestions, texte: str) -> None:
    best = suggestions.suggest(texte, 5)[0]

    assert best.libelle == BOULANGER
    assert [rome.code for rome in best.romes] == ["D1102"]
    assert best.formations_count == 2


@pytest.mark.parametrize(
    ("texte", "best"),
    [
        ("patissier boulanger", "Boulanger-pâtissier / Boulangère-pâtissière"),
        ("aide boul", "Aide-boulanger / Aide-boulangère"),
        ("coiffeuse", "Coiffeur / Coiffeuse"),
        ("coiffeur à dom", "Coiffeur / Coiffeuse à domicile"),
        ("macon", "Maçon / Maçonne"),
        ("mecanicien auto", "Mécanicien / Mécanicienne automobile"),
        ("mecanicein automobille", "Mécanicien / Mécanicienne automobile"),
        ("pain", "Boulangerie, viennoiserie, pâtisserie"),
        ("D1202", "Coiffure"),
    ],
)
def test_best_suggestion(suggestions: MetierSuggestions, texte: str, best: str) -> None:
    assert suggestions.suggest(texte, 5)[0].libelle == best


def test_main_job_then_family_then_variants_then_later_words(suggestions: MetierSuggestions) -> None:
    found = [each.libelle for each in suggestions.suggest("boulang", 10)]

    assert found == [
        BOULANGER,
        "Boulangerie, viennoiserie, pâtisserie",
        "Boulangerie - viennoiserie",
        "Boulanger-pâtissier / Boulangère-pâtissière",
        "Chef boulanger / boulangère",
        "Aide-boulanger / Aide-boulangère",
    ]


def test_family_gives_its_romes_and_rncps_and_counts_each_formation_once(
    suggestions: MetierSuggestions,
) -> None:
    family = suggestions.suggest("viennoiserie, pâtisserie", 1)[0]

    assert [rome.code for rome in family.romes] == ["D1102", "D1104"]
    assert family.rncps == ("RNCP1473", "RNCP588")
    assert family.formations_count == 3


@pytest.mark.parametrize("texte", ["zzzz", "?!", "xy"])
def test_nothing_is_suggested_for_nonsense(suggestions: MetierSuggestions, texte: str) -> None:
    assert suggestions.suggest(texte, 5) == []


def test_no_more_than_asked_for(suggestions: MetierSuggestions) -> None:
    assert len(suggestions.suggest("boulang", 2)) == 2


@pytest.fixture(scope="module")
def real_suggestions(real_import: tuple[list[Formation], Tables]) -> MetierSuggestions:
    return MetierSuggestions(real_import[1].metiers)


@pytest.mark.parametrize(
    ("texte", "best", "rome"),
    [
        ("boulang", BOULANGER, "D1102"),
        ("boulangre", BOULANGER, "D1102"),
        ("BOULANGERS", BOULANGER, "D1102"),
        ("coif", "Coiffeur / Coiffeuse", "D1202"),
        ("patisier", "Pâtissier / Pâtissière", "D1104"),
        ("plombier", "Plombier / Plombière", "F1603"),
        ("couvreur", "Couvreur / Couvreuse", "F1610"),
        ("cuisin", "Cuisinier / Cuisinière", "G1602"),
    ],
)
def test_best_suggestion_on_real_data(
    real_suggestions: MetierSuggestions, texte: str, best: str, rome: str
) -> None:
    found = real_suggestions.suggest(texte, 5)[0]

    assert (found.libelle, found.romes[0].code) == (best, rome)
    assert found.formations_count > 0

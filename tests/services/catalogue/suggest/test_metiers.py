from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pytest

from services.catalogue.formation import Formation
from services.catalogue.importing.data_folder import Import
from services.catalogue.importing.formations import Origin
from services.catalogue.rome import Rome
from services.catalogue.suggest.metier import Metier
from services.catalogue.suggest.metier_index import MetierIndex
from services.catalogue.suggest.metiers import MetierSuggestions
from services.catalogue.tables import Tables
from services.catalogue.text.analyser import Analyser
from services.catalogue.text.synonyms import Synonyms, read_synonyms
from services.common.report import ImportConsole
from tests.support.catalogue.small_france import TODAY, write_data
from tests.support.work import calls_made_by

BOULANGER = "Boulanger / Boulangère"
SYNONYMS = ("pain > boulangerie", "métier, métiers >", "vl > automobile")


def suggestions_of(metiers: Sequence[Metier]) -> MetierSuggestions:
    return MetierSuggestions(metiers, MetierIndex.of(metiers), Synonyms(SYNONYMS, Analyser()))


@pytest.fixture(scope="module")
def suggestions(tmp_path_factory: pytest.TempPathFactory, quiet: ImportConsole) -> MetierSuggestions:
    data = write_data(
        tmp_path_factory.mktemp("data"),
        [
            {"id": "1"},
            {"id": "2"},
            {"id": "3", "intitule": "PATISSIER (CAP)", "romes": "D1104"},
            {"id": "4", "intitule": "BOULANGER (BP)", "diplome": "BREVET PROFESSIONNEL"},
            {"id": "5", "intitule": "ARTS DE LA TABLE ET DU PAIN (CAP)", "romes": "D1104"},
            {"id": "6", "intitule": "SANS METIER CONNU (CAP)", "romes": "", "rncp": ""},
        ],
    )
    work = Import(data, Origin("test", fictive=False, today=TODAY), quiet)
    return suggestions_of(work.read()[1].metiers)


def labels(suggestions: MetierSuggestions, texte: str, first: int = 10) -> list[str]:
    return [each.libelle for each in suggestions.suggest(texte, first)]


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
        "métier de boulanger",
    ],
)
def test_boulanger_comes_first(suggestions: MetierSuggestions, texte: str) -> None:
    best = suggestions.suggest(texte, 5)[0]

    assert best.libelle == BOULANGER
    assert [rome.code for rome in best.romes] == ["D1102"]
    assert best.formations_count == 3


@pytest.mark.parametrize(
    ("texte", "best"),
    [
        ("patissier boulanger", "Boulangerie, viennoiserie, pâtisserie"),
        ("aide boul", "Aide-boulanger / Aide-boulangère"),
        ("coiffeuse", "Coiffeur / Coiffeuse"),
        ("coiffeur à dom", "Coiffeur / Coiffeuse à domicile"),
        ("macon", "Maçon / Maçonne"),
        ("mecanicien auto", "Mécanicien / Mécanicienne automobile"),
        ("mecanicein automobille", "Mécanicien / Mécanicienne automobile"),
        ("mécanicien vl", "Mécanicien / Mécanicienne automobile"),
        ("confiseur", "Boulangerie, viennoiserie, pâtisserie"),
        ("D1202", "Coiffure"),
        ("cap boulangere", "BOULANGER (CAP)"),
        ("bp boulanger", "BOULANGER (BP)"),
        ("brevet professionnel boulanger", "BOULANGER (BP)"),
        ("boulangerie cap", "BOULANGER (CAP)"),
        ("atp", "ARTS DE LA TABLE ET DU PAIN (CAP)"),
        ("cap atp", "ARTS DE LA TABLE ET DU PAIN (CAP)"),
        ("bts maçon", "Maçon / Maçonne"),
    ],
)
def test_best_suggestion(suggestions: MetierSuggestions, texte: str, best: str) -> None:
    assert labels(suggestions, texte)[0] == best


def test_main_job_then_family_then_variants_then_titles(suggestions: MetierSuggestions) -> None:
    assert labels(suggestions, "boulang") == [
        BOULANGER,
        "Boulanger-pâtissier / Boulangère-pâtissière",
        "Boulangerie, viennoiserie, pâtisserie",
        "Boulangerie - viennoiserie",
        "Chef boulanger / boulangère",
        "Aide-boulanger / Aide-boulangère",
        "BOULANGER (CAP)",
        "BOULANGER (BP)",
    ]


def test_titles_come_before_jobs_when_the_text_says_a_diploma(suggestions: MetierSuggestions) -> None:
    assert labels(suggestions, "cap boulanger", 3)[:2] == ["BOULANGER (CAP)", BOULANGER]


def test_diploma_alone_gives_the_most_taught_ones(suggestions: MetierSuggestions) -> None:
    assert labels(suggestions, "cap", 3) == [
        "BOULANGER (CAP)",
        "PATISSIER (CAP)",
        "ARTS DE LA TABLE ET DU PAIN (CAP)",
    ]


def test_title_gives_its_romes_and_rncps_and_counts_its_own_trainings(
    suggestions: MetierSuggestions,
) -> None:
    title = suggestions.suggest("cap boulanger", 1)[0]

    assert title.diplome
    assert title.romes == (Rome("D1102", "Boulangerie - viennoiserie"),)
    assert (title.rncps, title.formations_count) == (("RNCP18704",), 2)
    assert not suggestions.suggest("boulanger", 1)[0].diplome


def test_title_without_a_job_is_no_suggestion(suggestions: MetierSuggestions) -> None:
    assert labels(suggestions, "sans metier") == []


def test_family_gives_its_romes_and_rncps_and_counts_each_formation_once(
    suggestions: MetierSuggestions,
) -> None:
    family = suggestions.suggest("viennoiserie, pâtisserie", 1)[0]

    assert [rome.code for rome in family.romes] == ["D1102", "D1104"]
    assert family.rncps == ("RNCP18704", "RNCP1473", "RNCP588")
    assert family.formations_count == 5


def test_job_that_trainings_of_that_title_lead_to_comes_first() -> None:
    securite, commerce = Rome("K2503", "Sécurité privée"), Rome("D1502", "Vente")
    agent, rayon, titre = "Agent / Agente en surveillance", "Agent / Agente de rayon", "AGENT DE RAYON (TP)"
    metiers = [
        Metier(agent, (securite,), formations_count=40),
        Metier(rayon, (commerce,), formations_count=30),
    ]
    diplome = Metier(titre, (commerce,), formations_count=30, diplome=True)

    assert labels(suggestions_of(metiers), "agent") == [agent, rayon]
    assert labels(suggestions_of([*metiers, diplome]), "agent") == [rayon, agent, titre]


def test_shortened_word_is_what_it_stands_for_unless_a_job_is_called_so() -> None:
    rome = Rome("I1604", "Mécanique automobile")
    other = Rome("I1302", "Automatismes")
    mecanicien, mecanotricien, mecano = "Mécanicien / Mécanicienne", "Mécanotricien", "Mécano"
    metiers = [
        Metier(mecanicien, (rome,), formations_count=9, is_main=True),
        Metier(mecanotricien, (other,), formations_count=1),
    ]

    def found(*more: Metier) -> list[str]:
        known = [*metiers, *more]
        synonyms = Synonyms(["mecano > mecanicien"], Analyser())
        return labels(MetierSuggestions(known, MetierIndex.of(known), synonyms), "mécano")

    assert found() == [mecanicien, mecanotricien]
    assert found(Metier(mecano, (other,)))[0] == mecano


def test_words_of_both_parts_of_a_name_are_counted() -> None:
    rome = Rome("M1805", "Études et développement")
    short, long = "Testeur / Testeuse informatique", "Analyste concepteur / conceptrice informatique"

    assert labels(suggestions_of([Metier(long, (rome,)), Metier(short, (rome,))]), "informatique") == [
        short,
        long,
    ]


def test_topic_gives_different_jobs_before_more_names_of_one() -> None:
    dev, reseau = Rome("M1805", "Développement"), Rome("M1801", "Réseaux")
    testeurs = [f"{name} informatique" for name in ("Codeur", "Monteur", "Testeur")]
    metiers = [Metier(name, (dev,), formations_count=9) for name in testeurs]
    metiers.append(Metier("Régleur informatique", (reseau,), formations_count=5))

    suggestions = suggestions_of(metiers)

    assert labels(suggestions, "informatique") == [testeurs[0], "Régleur informatique", *testeurs[1:]]
    # A person who types the name of a job wants its kinds.
    assert labels(suggestions, "codeur") == [testeurs[0]]


@pytest.mark.parametrize("texte", ["zzzz", "?!", "xy"])
def test_nothing_is_suggested_for_nonsense(suggestions: MetierSuggestions, texte: str) -> None:
    assert labels(suggestions, texte) == []


@pytest.mark.parametrize("texte", ["la", "de l'", "cap de", "métier"])
def test_little_words_alone_do_no_harm(suggestions: MetierSuggestions, texte: str) -> None:
    assert len(labels(suggestions, texte, 3)) <= 3


def test_nothing_is_suggested_from_no_table() -> None:
    assert labels(suggestions_of([]), "cap boulanger") == []


def test_no_more_than_asked_for_and_none_twice(suggestions: MetierSuggestions) -> None:
    assert len(labels(suggestions, "boulang", 2)) == 2
    found = labels(suggestions, "cap boulanger")
    assert len(found) == len(set(found))


@pytest.fixture(scope="module")
def real_suggestions(real_import: tuple[list[Formation], Tables]) -> MetierSuggestions:
    tables = real_import[1]
    return MetierSuggestions(tables.metiers, tables.suggestion_indexes().metiers, read_synonyms(Analyser()))


@pytest.mark.parametrize(
    ("texte", "best", "rome"),
    [
        ("boulang", BOULANGER, "D1102"),
        ("boulangre", BOULANGER, "D1102"),
        ("BOULANGERS", BOULANGER, "D1102"),
        ("coif", "Coiffeur / Coiffeuse", "D1202"),
        ("coiffeuse", "Coiffeur / Coiffeuse", "D1202"),
        ("patisier", "Pâtissier / Pâtissière", "D1104"),
        ("plombier", "Plombier / Plombière", "F1603"),
        ("couvreur", "Couvreur / Couvreuse", "F1610"),
        ("cuisin", "Cuisinier / Cuisinière", "G1602"),
        ("cuisine", "Cuisinier / Cuisinière", "G1602"),
        ("vendeuse", "Vendeur / Vendeuse", "D1214"),
        ("secretaire", "Secrétaire", "M1607"),
        ("comptable", "Comptable", "M1203"),
        ("mecanicien", "Mécanicien / Mécanicienne", "I1604"),
        ("infirmier", "Infirmier / Infirmière", "J1506"),
        ("aide soignant", "Aide-soignant / Aide-soignante", "J1501"),
        ("dev web", "Développeur / Développeuse web", "M1805"),
        ("electricien", "Électricien / Électricienne", "F1602"),
        ("macon", "Maçon / Maçonne", "F1703"),
        ("serveur", "Serveur / Serveuse", "G1803"),
        ("commercial", "Commercial / Commerciale", "D1401"),
        ("rh", "Ressources humaines", "M1502"),
        ("bts mco", "MANAGEMENT COMMERCIAL OPERATIONNEL (BTS)", "D1401"),
        ("mco", "MANAGEMENT COMMERCIAL OPERATIONNEL (BTS)", "D1401"),
        ("cap aepe", "ACCOMPAGNANT EDUCATIF PETITE ENFANCE (CAP)", "K1303"),
        ("cap cuisine", "CUISINE (CAP)", "G1602"),
        ("bac pro commerce", "COMMERCE (BAC PRO)", "D1211"),
        ("but gea", "GESTION DES ENTREPRISES ET DES ADMINISTRATIONS", "C1401"),
    ],
)
def test_best_suggestion_on_real_data(
    real_suggestions: MetierSuggestions, texte: str, best: str, rome: str
) -> None:
    found = real_suggestions.suggest(texte, 5)[0]

    assert (found.libelle[: len(best)], found.romes[0].code) == (best, rome)
    assert found.formations_count > 0
    assert 0 < len(found.rncps) <= 20


def test_general_job_comes_before_the_special_ones(real_suggestions: MetierSuggestions) -> None:
    found = labels(real_suggestions, "boulanger", 50)

    assert found[0] == BOULANGER
    assert all("industriel" not in each for each in found[:10])


def test_suggestion_does_not_go_through_every_job(real_suggestions: MetierSuggestions) -> None:
    for texte in ("b", "boulanger", "bolanger", "cap coiffeuse", "mecanicein automobille"):
        suggest = partial(real_suggestions.suggest, texte, 10)

        assert calls_made_by(suggest) < 1_000

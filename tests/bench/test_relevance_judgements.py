from __future__ import annotations

import re

import pytest

from bench.relevance.judgements import (
    FormationJudgement,
    MetierJudgement,
    read_formation_judgements,
    read_metier_judgements,
)
from services.catalogue.etablissement import Etablissement
from services.catalogue.formation import Formation
from services.france.lieu import Lieu

BOULANGER = MetierJudgement(
    query_class="job",
    texte="boulanger",
    mots=(("boulang",),),
    debut=("boulang",),
    romes=frozenset({"D1102"}),
    proches=frozenset({"D1104"}),
)
CAP_COIFFURE_TOURS = FormationJudgement(
    query_class="place",
    texte="cap coiffure tours",
    titre=(("coiff",),),
    diplome="cap",
    niveaux=frozenset({3}),
    romes=frozenset({"D1202"}),
    commune="tours",
    zone="",
)


def _formation(
    intitule: str = "METIERS DE LA COIFFURE (CAP)",
    niveau: int = 3,
    romes: tuple[str, ...] = ("D1202",),
    commune: str = "Tours",
) -> Formation:
    school = Etablissement(siret="19370000000000", raison_sociale="CFA")
    return Formation("1", intitule, niveau, school, Lieu(commune=commune), "essai", romes=romes)


@pytest.mark.parametrize(
    ("libelle", "romes", "grade"),
    [
        ("Boulanger / Boulangère", ("D1102",), 3),
        ("Boulangerie, viennoiserie, pâtisserie", ("D1102", "D1104"), 3),
        ("Chef boulanger / boulangère", ("D1102",), 2),
        ("Boulangerie et tout autre commerce", ("D1102", "M1101", "N1101"), 2),
        ("Touriériste", ("D1102",), 1),
        ("Pâtissier-boulanger", ("D1104",), 1),
        ("Vendeur / Vendeuse en boulangerie", ("D1106",), 0),
    ],
)
def test_a_job_is_graded_by_its_name_and_codes(libelle: str, romes: tuple[str, ...], grade: int) -> None:
    assert BOULANGER.grade(libelle, romes) == grade


@pytest.mark.parametrize(
    ("formation", "grade"),
    [
        (_formation(), 3),
        (_formation(commune="Orléans"), 2),
        (_formation("COIFFURE (BP)", niveau=4), 2),
        (_formation("COIFFURE (BP)", niveau=4, commune="Orléans"), 1),
        (_formation("PERRUQUIER POSTICHEUR (CAP)"), 2),
        (_formation("COIFFURE DE SPECTACLE (CAP)", romes=("L1501",)), 1),
        (_formation("CUISINE (CAP)", romes=("G1602",)), 0),
    ],
)
def test_a_training_is_graded_by_its_title_job_diploma_and_town(formation: Formation, grade: int) -> None:
    assert CAP_COIFFURE_TOURS.grade(formation) == grade


def test_judgements_are_many_and_each_text_is_judged_once() -> None:
    metiers, formations = read_metier_judgements(), read_formation_judgements()

    assert len({each.texte for each in metiers}) == len(metiers) >= 120
    assert len({(each.texte, each.zone) for each in formations}) == len(formations) >= 120


def test_judgements_name_rome_codes() -> None:
    named = {rome for each in read_metier_judgements() for rome in each.romes | each.proches}
    named |= {rome for each in read_formation_judgements() for rome in each.romes}

    assert all(re.fullmatch(r"[A-N][0-9]{4}", rome) for rome in named)
    assert all(each.romes for each in read_metier_judgements())
    assert all(each.romes for each in read_formation_judgements())

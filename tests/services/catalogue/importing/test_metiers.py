from __future__ import annotations

from services.catalogue.formation import Formation
from services.catalogue.importing.metiers import (
    general_metiers,
    merge_metiers,
    read_appellations,
    read_diplomes,
    read_romes,
)
from services.catalogue.rome import Rome
from services.catalogue.suggest.metier import Metier
from services.common.report import ImportReport
from tests.support.catalogue.small_france import formation

ROMES = {code: Rome(code, f"Métier {code}") for code in ("D1102", "D1104", "D1202", "D1211")}
BOULANGERIE, PATISSERIE, COIFFURE, VENTE = ROMES.values()


def test_codes_are_read_once_with_their_label() -> None:
    report = ImportReport("romes")
    rows = [
        {"code_rome": "D1102", "libelle_rome": "Boulangerie"},
        {"code_rome": "D1102", "libelle_rome": "Encore"},
        {"code_rome": "D11", "libelle_rome": "Famille"},
        {"code_rome": "D1104", "libelle_rome": " "},
    ]

    assert read_romes(rows, report) == {"D1102": Rome("D1102", "Boulangerie")}
    assert (report.accepted, sum(report.rejected.values())) == (1, 3)


def test_names_of_rome_4_come_under_their_code_of_rome_3() -> None:
    report = ImportReport("appellations")
    rows = [
        {"libelle_appellation_court": name, "code_ogr": ogr, "code_rome": code, "classification": ""}
        for name, ogr, code in (("Boulanger / Boulangère", "1", "D1199"), ("Inconnu", "2", "D1199"))
    ]

    assert read_appellations(rows, {"1": "D1102"}, ROMES, report) == [
        Metier("Boulanger / Boulangère", (BOULANGERIE,), is_main=True)
    ]
    assert report.rejected == {"ROME 4 code without a known equivalent in ROME 3": 1}


def rncp(identifier: str, code: str | None, *romes: str) -> Formation:
    return formation(identifier, romes=romes, rncp=code)


def test_certifications_are_those_of_its_trainings_the_most_frequent_first_then_those_listed() -> None:
    trainings = [
        rncp("1", "RNCP2", "D1102"),
        rncp("2", "RNCP3", "D1102", "D1104"),
        rncp("3", "RNCP3", "D1104"),
        rncp("4", None, "D1102"),
        rncp("5", "RNCP9", "D1202"),
    ]
    family = Metier("Pain", (BOULANGERIE, PATISSERIE), ("RNCP1", "RNCP2"))

    (merged,) = merge_metiers([family], trainings)

    assert (merged.rncps, merged.formations_count) == (("RNCP3", "RNCP2", "RNCP1"), 4)


def test_twenty_certifications_are_kept() -> None:
    trainings = [rncp(str(number), f"RNCP{number:02}", "D1102") for number in range(30)]

    (merged,) = merge_metiers([Metier("Pain", (BOULANGERIE,))], trainings)

    assert merged.rncps == tuple(f"RNCP{number:02}" for number in range(20))


def test_titles_that_read_the_same_are_one_diploma() -> None:
    trainings = [
        formation("1", "Boulanger (CAP)", romes=["D1102", "D1104"], rncp="RNCP1"),
        formation("2", "BOULANGER  (CAP)", romes=["D1104"], rncp="RNCP2"),
        formation("3", "BOULANGER (CAP)", romes=["D1104"], rncp="RNCP2"),
        formation("4", "MANAGEMENT COMMERCIAL OPERATIONNEL (BTS)", romes=["D1211"]),
        formation("5", "SANS METIER", romes=[]),
    ]

    cap, bts = read_diplomes(trainings, ROMES)

    assert cap == Metier(
        "Boulanger (CAP)",
        (PATISSERIE, BOULANGERIE),
        ("RNCP2", "RNCP1"),
        3,
        diplome=True,
        diplome_kinds=("cap",),
    )
    assert (bts.acronymes, bts.diplome_kinds) == (("mco",), ("bts",))


def special(*names: str, rome: Rome = VENTE) -> list[Metier]:
    return [Metier(f"Vendeur / Vendeuse {name}", (rome,)) for name in names]


def test_general_name_of_special_ones_leads_to_the_codes_of_most_trainings() -> None:
    names = special("de pain", "de gâteaux", rome=BOULANGERIE) + special("de vélos", "de vins", "de voitures")
    trainings = [formation("1", "X", romes=["D1102"])]

    (general,) = general_metiers(names, trainings)

    assert (general.libelle, general.romes, general.is_main) == (
        "Vendeur / Vendeuse",
        (BOULANGERIE, VENTE),
        True,
    )


def test_codes_that_trainings_of_that_title_lead_to_come_first() -> None:
    names = special("de pain", "de gâteaux", rome=BOULANGERIE) + special("de vélos", "de vins", "de voitures")
    trainings = [
        formation("1", "X", romes=["D1102"]),
        formation("2", "VENDEUSES EN MAGASIN", romes=["D1211"]),
    ]

    (general,) = general_metiers(names, [*trainings, formation("3", "X", romes=["D1102"])])

    assert general.romes == (VENTE, BOULANGERIE)


def test_few_special_names_or_a_known_general_one_make_none() -> None:
    few = special("de pain", "de vins")
    many = special("de pain", "de vins", "de vélos", "de voitures", "de gâteaux")

    assert general_metiers(few, []) == []
    assert general_metiers([*many, Metier("Vendeur / vendeuse", (VENTE,))], []) == []

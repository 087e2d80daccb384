from __future__ import annotations

from pathlib import Path

import pytest

from services.catalogue.formation import Formation
from services.catalogue.importing.data_folder import Import
from services.catalogue.importing.formations import Origin
from services.common.report import ImportConsole, ImportReport
from services.common.table import BadFile, row_id
from services.common.texts import MENDED
from services.france.geo import Point
from tests.services.catalogue.conftest import TODAY
from tests.support.catalogue.small_france import ETABLISSEMENT_ROW, served_id, write_data
from tests.support.csv_files import write_csv

NO_SIRET = "no SIRET of 14 digits, neither the formateur's nor the gestionnaire's"
NO_TITLE = "no title, and none known for its RNCP"
MERGED = "same training and place as another line: its sessions were added to that one"
SAME_ID = "same identifiers as another line, another content: the first one is kept"

OTHER_PLACE = {
    "lieu_code_insee": "93066",
    "lieu_code_postal": "93200",
    "latitude": "48.936",
    "longitude": "2.357",
}


class Importer:
    """Imports rows, given by their differences from a usual row, in an empty folder."""

    def __init__(self, folder: Path, quiet: ImportConsole) -> None:
        self.folder = folder
        self._quiet = quiet

    def read(self, *rows: dict[str, str]) -> tuple[list[Formation], ImportReport]:
        # This training is always accepted, since an import without trainings is refused.
        write_data(self.folder, [*rows, {"id": "last", "intitule": "TEMOIN"}])
        work = Import(self.folder, Origin("test", fictive=False, today=TODAY), self._quiet)
        formations = work.read()[0]
        report = next(each for each in work.reports if each.table == "formations")
        assert report.read == report.accepted + sum(report.rejected.values()) == len(rows) + 1
        assert report.accepted == len(formations)
        return [each for each in formations if not each.id.startswith("last-")], report


@pytest.fixture
def importer(tmp_path: Path, quiet: ImportConsole) -> Importer:
    return Importer(tmp_path / "data", quiet)


def test_good_row_is_taken_as_it_is(importer: Importer) -> None:
    (formation,), report = importer.read({})

    assert not report.corrected
    assert formation.id == served_id("24_1")
    assert formation.intitule == "BOULANGER (CAP)"
    assert formation.niveau == 3
    assert formation.romes == ("D1102",)
    assert formation.sessions == ("2027-09",)
    assert formation.etablissement.raison_sociale == "INSTITUT DU VIVANT"
    assert formation.gestionnaire_siret == "13002374000439"
    assert formation.lieu.point == Point(48.8592, 2.3795)
    assert formation.lieu.departement == "75"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"published": "0"}, "superseded by a later line (published=0)"),
        ({"id": ""}, "no id"),
        ({"intitule": "", "intitule_rncp": "", "rncp": ""}, NO_TITLE),
        ({"formateur_siret": "123", "gestionnaire_siret": ""}, NO_SIRET),
        ({"formateur_siret": "", "gestionnaire_siret": "12345678901234"}, NO_SIRET),
    ],
)
def test_rejected_row(importer: Importer, row: dict[str, str], reason: str) -> None:
    formations, report = importer.read(row)

    assert formations == []
    assert report.rejected == {reason: 1}


@pytest.mark.parametrize(
    ("row", "correction", "field", "value"),
    [
        ({"intitule": " "}, "no title: that of the RNCP", "intitule", "Boulanger"),
        ({"intitule": "", "intitule_rncp": ""}, "no title: that of the RNCP", "intitule", "Boulanger"),
        ({"intitule": "CAP D\x92UN\u200b METIER"}, MENDED, "intitule", "CAP D’UN METIER"),
        ({"intitule": "", "intitule_rncp": "Pain &amp; vin"}, MENDED, "intitule", "Pain & vin"),
        ({"diplome": "CAP\ufeff"}, MENDED, "diplome", "CAP"),
        ({"romes": "D1102|G1700|N11"}, "ROME codes that do not exist left out", "romes", ("D1102",)),
        ({"romes": ""}, "no ROME code: those of the RNCP", "romes", ("D1102",)),
        ({"romes": "", "rncp": ""}, "no ROME code: found by place and RNCP", "romes", ()),
        ({"niveau_eu": ""}, "no level: that of the RNCP or CFD", "niveau", 3),
        ({"niveau_eu": "9", "rncp": "", "cfd": "32031213"}, "no level: that of the RNCP or CFD", "niveau", 5),
        ({"niveau_eu": "", "rncp": "", "cfd": ""}, "no level known", "niveau", 0),
        (
            {"periodes": "2021-09|2020-12"},
            "past sessions shifted by whole years to the first to come",
            "sessions",
            ("2026-12", "2027-09"),
        ),
        (
            {"periodes": "2027-09|2027-13|bientôt"},
            "sessions that are not a month left out",
            "sessions",
            ("2027-09",),
        ),
    ],
)
def test_corrected_row(
    importer: Importer, row: dict[str, str], correction: str, field: str, value: object
) -> None:
    (formation,), report = importer.read(row)

    assert getattr(formation, field) == value
    assert correction in report.corrected


@pytest.mark.parametrize(
    ("row", "field"),
    [({"rncp": "RS12"}, "rncp"), ({"cfd": "1"}, "cfd"), ({"gestionnaire_siret": "1"}, "gestionnaire_siret")],
)
def test_malformed_optional_code_is_absent(importer: Importer, row: dict[str, str], field: str) -> None:
    (formation,), _ = importer.read(row)

    assert getattr(formation, field) is None


@pytest.mark.parametrize(
    ("row", "correction", "insee", "point"),
    [
        (
            {"latitude": "", "longitude": ""},
            "coordinates missing: those of the commune",
            "75111",
            Point(48.85915, 2.3794),
        ),
        (
            {"latitude": "0", "longitude": "0"},
            "coordinates missing: those of the commune",
            "75111",
            Point(48.85915, 2.3794),
        ),
        (
            {"latitude": "43.3", "longitude": "5.4"},
            "coordinates far from the commune: those of the commune",
            "75111",
            Point(48.85915, 2.3794),
        ),
        (
            {"lieu_code_insee": "93999", "lieu_code_postal": "93430"},
            "former INSEE code replaced by the current one",
            "93079",
            Point(48.8592, 2.3795),
        ),
        (
            {"lieu_code_insee": "99999"},
            "INSEE code missing or unknown: found by address",
            "75111",
            Point(48.8592, 2.3795),
        ),
        (
            {"lieu_code_insee": "99999", "lieu_code_postal": "12345"},
            "INSEE code missing or unknown: commune not found, left out",
            None,
            Point(48.8592, 2.3795),
        ),
    ],
)
def test_place_is_mended(
    importer: Importer, row: dict[str, str], correction: str, insee: str | None, point: Point
) -> None:
    (formation,), report = importer.read(row)

    assert formation.lieu.insee == insee
    assert formation.lieu.point == point
    assert report.corrected == {correction: 1}


def test_postal_code_of_another_departement_is_replaced(importer: Importer) -> None:
    (formation,), report = importer.read({"lieu_code_postal": "51100"})

    assert formation.lieu.code_postal == "75011"
    assert report.corrected["postal code of another departement: replaced by the commune's"] == 1


def test_cedex_code_of_the_same_departement_is_kept(importer: Importer) -> None:
    (formation,), report = importer.read({"lieu_code_postal": "75541", "lieu_adresse": "-"})

    assert formation.lieu.code_postal == "75541"
    assert formation.lieu.adresse is None
    assert not report.corrected


def test_wrong_siret_of_the_formateur_gives_way_to_the_gestionnaire(importer: Importer) -> None:
    (formation,), report = importer.read({"formateur_siret": "99999999999920"})

    assert formation.etablissement.siret == "13002374000439"
    assert report.corrected == {"formateur's SIRET wrong or missing: the gestionnaire's": 1}


def test_siret_with_a_wrong_check_digit_is_kept_when_there_is_no_other(importer: Importer) -> None:
    (formation,), report = importer.read({"formateur_siret": "99999999999920", "gestionnaire_siret": ""})

    assert formation.etablissement.siret == "99999999999920"
    assert report.corrected == {"formateur's SIRET with a wrong check digit: kept, there is no other": 1}


def test_organisation_that_is_not_listed_is_named_by_the_row(importer: Importer) -> None:
    (formation,), report = importer.read({"formateur_siret": "13002374000439"})

    assert formation.etablissement.raison_sociale == "CHAMBRE DE METIERS"
    assert formation.etablissement.enseigne == "CFA DU PAIN"
    assert formation.etablissement.lieu is None
    assert not report.corrected


def test_organisation_without_a_name_is_named_by_its_siret(importer: Importer) -> None:
    (formation,), report = importer.read(
        {"formateur_siret": "13002374000439", "formateur_nom": "", "formateur_raison_sociale": ""}
    )

    assert formation.etablissement.raison_sociale == "Organisme de formation (SIRET 13002374000439)"
    assert report.corrected == {
        "organisation not listed and without a name: that of another row, or its SIRET": 1
    }


def test_organisation_that_is_not_listed_has_one_name_whatever_its_rows_say(importer: Importer) -> None:
    unlisted = {"formateur_siret": "13002374000439", "gestionnaire_siret": "13002374000439"}
    rows = [
        {"formateur_nom": "", "formateur_raison_sociale": ""},
        {"formateur_nom": "CFA DU PAIN"},
        {"formateur_nom": "CFA DU BLE", "formateur_uai": ""},
    ]

    formations, _ = importer.read(*({"id": str(n), **row, **unlisted} for n, row in enumerate(rows)))

    assert {each.etablissement.enseigne for each in formations} == {"CFA DU PAIN"}
    assert all(each.gestionnaire == each.etablissement for each in formations)
    assert len({each.etablissement for each in formations}) == 1


def test_same_training_with_other_dates_is_one_training(importer: Importer) -> None:
    (formation,), report = importer.read({"periodes": "2027-09"}, {"periodes": "2027-01"})

    assert formation.sessions == ("2027-01", "2027-09")
    assert report.rejected == {MERGED: 1}


def test_each_place_of_an_id_is_a_training_of_its_own(importer: Importer) -> None:
    rows = [
        {},
        {**OTHER_PLACE, "id_action": "24_11"},
        {**OTHER_PLACE, "id_action": "24_12", "lieu_adresse": "2 rue du Four"},
        {**OTHER_PLACE, "id_action": "24_13", "periodes": "2027-01"},
    ]

    formations, report = importer.read(*rows)

    assert [each.id for each in formations] == [
        row_id("24_1", action, "100") for action in ("24_10", "24_11", "24_12")
    ]
    assert formations[1].sessions == ("2027-01", "2027-09")
    assert report.rejected == {MERGED: 1}


def test_same_identifiers_with_another_content_are_one_training(importer: Importer) -> None:
    (formation,), report = importer.read({}, OTHER_PLACE)

    assert formation.lieu.insee != "93066"
    assert report.rejected == {SAME_ID: 1}


def test_import_without_any_training_is_refused(quiet: ImportConsole, tmp_path: Path) -> None:
    data = write_data(tmp_path / "none", [{"published": "0"}])

    with pytest.raises(BadFile, match="no training"):
        Import(data, Origin("test", fictive=False, today=TODAY), quiet).read()


def test_name_of_an_organisation_that_is_not_listed_is_mended(importer: Importer) -> None:
    row = {
        "formateur_siret": "13002374000439",
        "formateur_raison_sociale": "CFA\u200b A&amp;B",
        "formateur_nom": "A\x92B",
    }
    (formation,), report = importer.read(row)

    found = formation.etablissement
    assert (found.raison_sociale, found.enseigne) == ("CFA A&B", "A’B")
    assert report.corrected == {MENDED: 1}


def test_etablissements_are_mended_and_told(tmp_path: Path, quiet: ImportConsole) -> None:
    data = write_data(tmp_path / "data")
    rows = [
        {},
        {},
        {"siret": "12"},
        {"siret": "19331424200000", "latitude": "", "longitude": "", "certifie_qualite": "?"},
        {"siret": "13002374000439", "entreprise_raison_sociale": "", "enseigne": ""},
    ]
    write_csv(data / "etablissements.csv", [{**ETABLISSEMENT_ROW, **row} for row in rows])

    work = Import(data, Origin("test", fictive=False, today=TODAY), quiet)
    found = {each.siret: each for each in work.read()[1].etablissements}
    report = next(each for each in work.reports if each.table == "etablissements")

    assert set(found) == {"13000285000019", "19331424200000"}
    assert found["13000285000019"].qualiopi is True
    assert found["13000285000019"].lieu is not None
    assert found["13000285000019"].lieu.adresse == "16 RUE CLAUDE BERNARD"
    assert found["13000285000019"].lieu.commune == "Paris 11e Arrondissement"
    assert found["19331424200000"].qualiopi is None
    assert report.rejected == {"SIRET seen already": 1, "SIRET is not 14 digits": 1, "no name": 1}
    assert report.corrected == {
        "SIRET with a wrong check digit: kept": 1,
        "coordinates missing: those of the commune": 1,
    }


def test_names_of_rome_4_come_under_rome_3_codes(tmp_path: Path, quiet: ImportConsole) -> None:
    data = write_data(tmp_path / "data")
    rome3 = [{"ogr_appellation": "8", "rome_code": "D1202"}, {"ogr_appellation": "10", "rome_code": "I1604"}]
    write_csv(data / "appellations_rome3.csv", rome3, ";")

    with_table = Import(data, Origin("test", fictive=False, today=TODAY), quiet)
    metiers = {each.libelle: each for each in with_table.read()[1].metiers}
    (data / "appellations_rome3.csv").unlink()
    without_table = Import(data, Origin("test", fictive=False, today=TODAY), quiet)
    without_table.read()

    assert metiers["Maçon / Maçonne"].romes[0].code == "D1202"
    assert metiers["Data scientist"].romes[0].code == "I1604"
    assert with_table.reports[-1].corrected == {"ROME 4 code replaced by its ROME 3 code": 2}
    assert without_table.reports[-1].rejected == {"ROME 4 code without a known equivalent in ROME 3": 1}

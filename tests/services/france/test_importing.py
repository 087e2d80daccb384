from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from services.common.report import ImportConsole, ImportReport
from services.common.table import BadFile
from services.france.communes import Commune
from services.france.geo import Point
from services.france.importing import import_communes
from tests.support.csv_files import write_csv
from tests.support.france.communes import Row, commune_row

CAHORS = commune_row("46042", "Cahors", "46000|46000", 20_050, (44.45651, 1.43901), former="46010|46011")


def write(folder: Path, rows: Iterable[Row]) -> Path:
    write_csv(folder / "communes.csv", rows)
    return folder


def test_row_is_read_whole(tmp_path: Path) -> None:
    (commune,) = import_communes(write(tmp_path, [CAHORS]), ImportReport("communes"), ImportConsole())

    assert commune == Commune(
        insee="46042",
        nom="Cahors",
        departement="46",
        departement_nom="Lot",
        region="76",
        region_nom="Occitanie",
        codes_postaux=("46000",),
        population=20_050,
        point=Point(44.45651, 1.43901),
        commune_parente=None,
        anciens_codes=("46010", "46011"),
    )


def test_rows_are_kept_mended_or_refused_with_the_reason(tmp_path: Path) -> None:
    rows = [
        CAHORS,
        CAHORS | {"nom": "Cahors encore"},
        commune_row("2A004", "Ajaccio", "20000|20090", 0, (41.92274, 8.70583))
        | {"population": "", "dep_code": ""},
        commune_row("98735", "Papeete", "98714", 26_000, None),
        CAHORS | {"code_insee": "46001", "latitude": "0", "longitude": "0"},
        CAHORS | {"code_insee": ""},
        CAHORS | {"code_insee": "Lot"},
        CAHORS | {"code_insee": "46002", "nom": ""},
    ]
    report = ImportReport("communes")

    communes = import_communes(write(tmp_path, rows), report, ImportConsole())

    assert [each.insee for each in communes] == ["46042", "2A004", "98735", "46001"]
    assert (report.read, report.accepted) == (8, 4)
    assert report.rejected == {"INSEE code seen already": 1, "no INSEE code or no name": 3}
    assert report.corrected == {"no population: taken as 0": 1, "without coordinates: no circle around it": 2}
    assert [(each.line, each.id) for each in report.rejections] == [
        (3, "46042"),
        (7, ""),
        (8, "Lot"),
        (9, "46002"),
    ]
    ajaccio = communes.get("2A004")
    assert ajaccio is not None
    assert (ajaccio.departement, ajaccio.population) == ("2A", 0)


def test_file_without_a_place_is_refused(tmp_path: Path) -> None:
    data = write(tmp_path, [commune_row("98735", "Papeete", "98714", 26_000, None)])

    with pytest.raises(BadFile, match=r"communes.csv: no commune with coordinates"):
        import_communes(data, ImportReport("communes"), ImportConsole())


def test_real_table_is_read_whole(real_data: Path) -> None:
    report = ImportReport("communes")

    communes = import_communes(real_data, report, ImportConsole())

    assert (report.read, report.accepted) == (35_014, 35_014)
    assert sum(each.point is None for each in communes) == 96
    cities = [each for each in communes if communes.arrondissements(each)]
    assert {each.insee: len(communes.arrondissements(each)) for each in cities} == {
        "75056": 20,
        "13055": 16,
        "69123": 9,
    }
    assert [communes.first_arrondissement(each).insee for each in cities] == ["13201", "69381", "75101"]

from __future__ import annotations

import pytest

from services.common.texts import MENDED
from services.france.geo import Point
from services.prediction.employers import EmployerRow, Rejected, mend_employer
from tests.support.france.communes import table_of
from tests.support.prediction.small_france import COMMUNES, NAFS, employer, siret

COMMUNES_READ = table_of(COMMUNES)
LYON = {
    "code_insee": "69123", "code_postal": "69001", "commune": "Lyon", "latitude": "45.75", "longitude": "4.85"
}  # fmt: skip


def mend(**changes: str) -> tuple[EmployerRow, list[str]]:
    corrections: list[str] = []
    row = employer(1, enseigne="", naf="1071C", tranche_effectif="03", **LYON) | changes
    return mend_employer(row, NAFS, COMMUNES_READ, corrections), corrections


def test_good_row_is_kept_as_it_is() -> None:
    kept, corrections = mend()

    assert corrections == []
    assert kept == EmployerRow(
        siret=siret(1),
        raison_sociale="EMPLOYEUR 1",
        enseigne="",
        naf="1071C",
        tranche_effectif="03",
        adresse="1 RUE DE L'ÉGLISE",
        code_postal="69001",
        insee="69123",
        commune="Lyon",
        departement="69",
        point=Point(45.75, 4.85),
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"siret": ""}, "SIRET invalid"),
        ({"siret": "12345678901234"}, "SIRET invalid"),
        ({"raison_sociale": ""}, "no name"),
        ({"raison_sociale": "SANS ENSEIGNE USUELLE"}, "no name"),
        ({"raison_sociale": "..."}, "no name"),
        ({"naf": ""}, "NAF missing"),
        ({"naf": "7247Z"}, "NAF unknown"),
        (
            {"latitude": "", "code_insee": "", "code_postal": "", "commune": ""},
            "no coordinates, and no commune to take them from",
        ),
        (
            {"latitude": "", "code_insee": "85165", "code_postal": "85140", "commune": "L'Oie"},
            "no coordinates, and no commune to take them from",
        ),
    ],
)
def test_row_that_nothing_mends_is_rejected(changes: dict[str, str], reason: str) -> None:
    with pytest.raises(Rejected, match=f"^{reason}$"):
        mend(**changes)


@pytest.mark.parametrize(
    ("latitude", "longitude"), [("", ""), ("0", "0"), ("x", "4.8"), ("95", "4.8"), ("nan", "4")]
)
def test_missing_coordinates_are_those_of_the_commune(latitude: str, longitude: str) -> None:
    kept, corrections = mend(latitude=latitude, longitude=longitude)

    assert kept.point == Point(45.76, 4.84)
    assert corrections == ["coordinates missing: those of the commune"]


def test_coordinates_far_from_the_commune_are_those_of_the_commune() -> None:
    kept, corrections = mend(latitude="43.3", longitude="5.4")

    assert kept.point == Point(45.76, 4.84)
    assert corrections == ["coordinates far from the commune: those of the commune"]


def test_missing_insee_code_is_found_from_the_address() -> None:
    kept, corrections = mend(code_insee="")

    assert (kept.insee, kept.departement) == ("69123", "69")
    assert corrections == ["INSEE code missing or unknown: found by address"]


def test_missing_insee_code_in_a_whole_city_is_that_of_the_arrondissement() -> None:
    row = employer(1, naf="1071C", **LYON) | {"code_insee": "", "code_postal": "69003", "commune": "LYON"}

    kept = mend_employer(row, NAFS, table_of(), [])

    assert (kept.insee, kept.commune) == ("69383", "Lyon 3e Arrondissement")


def test_commune_that_is_not_found_leaves_its_departement() -> None:
    kept, corrections = mend(code_insee="", code_postal="69999", commune="Nulle-Part")

    assert (kept.insee, kept.commune, kept.departement) == ("", "Nulle-Part", "69")
    assert corrections == ["INSEE code missing or unknown: commune not found, left out"]


def test_old_insee_code_is_the_present_one() -> None:
    kept, corrections = mend(code_insee="93059", code_postal="93200", latitude="48.93", longitude="2.36")

    assert kept.insee == "93066"
    assert corrections == ["former INSEE code replaced by the current one"]


def test_sign_is_the_name_where_there_is_no_other() -> None:
    kept, corrections = mend(raison_sociale="", enseigne="AU BON PAIN")

    assert (kept.raison_sociale, kept.enseigne) == ("AU BON PAIN", "")
    assert corrections == ["no company name: the sign's"]


def test_names_and_address_are_mended() -> None:
    kept, corrections = mend(
        raison_sociale="PAIN &amp; CIE", enseigne="A\u200b B", adresse="4 rue\u202e d'Arc"
    )

    assert (kept.raison_sociale, kept.enseigne, kept.adresse) == ("PAIN & CIE", "A B", "4 rue d'Arc")
    assert corrections == [MENDED]


def test_leading_zeros_of_a_siret_come_back() -> None:
    kept, corrections = mend(siret=siret(12_345).lstrip("0"))

    assert kept.siret == siret(12_345)
    assert corrections == ["SIRET short of its leading zeros"]


@pytest.mark.parametrize("written", ["10.71C", "1071c"])
def test_naf_may_be_written_otherwise(written: str) -> None:
    kept, corrections = mend(naf=written)

    assert kept.naf == "1071C"
    assert corrections == ["NAF written otherwise"]


@pytest.mark.parametrize("tranche", ["NN", "", "99"])
def test_band_that_says_nothing_is_unknown(tranche: str) -> None:
    assert mend(tranche_effectif=tranche)[0].tranche_effectif == ""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from services.common.table import read_rows
from services.france import codes
from services.france.codes import (
    departement_of,
    departement_of_code_postal,
    has_siret_shape,
    is_departement,
    is_insee,
    is_siret,
    normal_idcc,
    normal_naf,
)

PREDICATES = [
    codes.is_siret,
    codes.has_siret_shape,
    codes.is_rome,
    codes.is_rome_domaine,
    codes.is_domaine_professionnel,
    codes.is_rncp,
    codes.is_cfd,
    codes.is_naf,
    codes.is_uai,
    codes.is_idcc,
    codes.is_insee,
    codes.is_code_postal,
    codes.is_departement,
]

RIGHT = [
    (codes.is_rome, ["D1102", "A1101", "N4403"]),
    (codes.is_rome_domaine, ["D", "D11"]),
    (codes.is_domaine_professionnel, ["D11"]),
    (codes.is_rncp, ["RNCP37537", "RNCP1"]),
    (codes.is_cfd, ["32033426", "26X31221"]),
    (codes.is_naf, ["1071C"]),
    (codes.is_uai, ["0010006B"]),
    (codes.is_idcc, ["3", "843", "0843"]),
    (codes.is_insee, ["35238", "2A004", "2B033", "97411", "98818", "98901", "75056"]),
    (codes.is_code_postal, ["75011", "01000"]),
    (codes.is_departement, ["01", "19", "2A", "2B", "21", "95", "971", "975", "977", "978", "984", "988"]),
]
WRONG = [
    (codes.is_rome, ["d1102", "D110", "D11022", "O1102", "Z9999", " D1102", ""]),
    (codes.is_rome_domaine, ["d", "D1", "D112", "O11", ""]),
    (codes.is_domaine_professionnel, ["D", "D1", "D112"]),
    (codes.is_rncp, ["37537", "RS37537", "RNCP", "RNCP1234567"]),
    (codes.is_cfd, ["3203342", "320334260", "26x31221"]),
    (codes.is_naf, ["10.71C", "1071c", "1071", "10711"]),
    (codes.is_uai, ["010006B", "0010006b", "O470022U"]),
    (codes.is_idcc, ["", "12345", "IDCC3"]),
    (codes.is_insee, ["2C001", "20004", "7505", "750561", "00001", "96001", "97911", "98501"]),
    (codes.is_code_postal, ["7501", "750111", "2A000"]),
    (codes.is_departement, ["1", "00", "20", "2C", "96", "97", "970", "979", "985", "99", "001"]),
]


@pytest.mark.parametrize(("is_right", "texts"), RIGHT)
def test_code_is_recognised(is_right: Callable[[str], bool], texts: list[str]) -> None:
    assert [text for text in texts if not is_right(text)] == []


@pytest.mark.parametrize(("is_right", "texts"), WRONG)
def test_what_only_looks_like_a_code_is_not_one(is_right: Callable[[str], bool], texts: list[str]) -> None:
    assert [text for text in texts if is_right(text)] == []


@pytest.mark.parametrize("is_right", PREDICATES)
@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９", "०१२३४५६७८९"])
def test_digits_of_other_scripts_are_none(is_right: Callable[[str], bool], digits: str) -> None:
    texts = [
        "73282932000074",
        *(text for predicate, right in RIGHT if predicate is is_right for text in right),
    ]

    for text in texts:
        foreign = text.translate(str.maketrans("0123456789", digits))
        assert foreign == text or not is_right(foreign)
        assert not is_right(f"{text}\n")


# The head office of La Poste, and two of its establishments, which have a different rule.
@pytest.mark.parametrize(
    "siret", ["13000285000019", "73282932000074", "35600000000048", "35600000049837", "35600000048702"]
)
def test_siret_with_its_check_digits_is_right(siret: str) -> None:
    assert is_siret(siret)


@pytest.mark.parametrize(
    "siret",
    [
        "",
        "73282932000075",
        "7328293200007",
        "732829320000743",
        "7328293200007x",
        "732 829 320 00074",
        "732.829.320.00074",
        "35600000049838",
    ],
)
def test_other_siret_is_not(siret: str) -> None:
    assert not is_siret(siret)


def test_siret_of_a_siren_with_a_wrong_check_digit_is_not() -> None:
    start = "7328293210007"
    siret = start + luhn.calc_check_digit(start)

    assert luhn.is_valid(siret)
    assert not is_siret(siret)


@given(st.integers(0, 10**8 - 1), st.integers(0, 9_999))
def test_one_check_digit_of_ten_is_right(company: int, nic: int) -> None:
    siren = f"{company:08}" + luhn.calc_check_digit(f"{company:08}")
    right = [key for key in range(10) if is_siret(f"{siren}{nic:04}{key}")]

    assert len(right) == 1 or siren == "356000000"


@given(st.integers(0, 10**8 - 1), st.integers(0, 13), st.integers(1, 9))
def test_siret_with_one_wrong_digit_is_refused(company: int, place: int, change: int) -> None:
    siren = f"{company:08}" + luhn.calc_check_digit(f"{company:08}")
    right = f"{siren}0001" + luhn.calc_check_digit(f"{siren}0001")
    wrong = right[:place] + str((int(right[place]) + change) % 10) + right[place + 1 :]

    assert is_siret(right) or siren == "356000000"
    assert not is_siret(wrong) or wrong.startswith("356000000")


@pytest.mark.parametrize("table", ["entreprises.csv", "etablissements.csv"])
def test_sirets_of_the_real_data_are_right_but_a_few(real_data: Path, table: str) -> None:
    sirets = [row["siret"] for _, row in read_rows(real_data, table, ("siret",))]

    assert all(map(has_siret_shape, sirets))
    assert sum(map(is_siret, sirets)) / len(sirets) > 0.9998


@pytest.mark.parametrize(
    ("insee", "departement"),
    [
        ("74010", "74"),
        ("01004", "01"),
        ("2A004", "2A"),
        ("2B033", "2B"),
        ("97411", "974"),
        ("97502", "975"),
        ("97701", "977"),
        ("97801", "978"),
        ("98411", "984"),
        ("98818", "988"),
        ("98901", "989"),
        ("", ""),
        ("ABCDE", ""),
        ("99100", ""),
    ],
)
def test_departement_begins_the_insee_code(insee: str, departement: str) -> None:
    assert departement_of(insee) == departement


@pytest.mark.parametrize(
    ("code_postal", "departement"),
    [
        ("75011", "75"),
        ("01000", "01"),
        ("20000", "2A"),
        ("20190", "2A"),
        ("20200", "2B"),
        ("20620", "2B"),
        ("97410", "974"),
        ("97133", "977"),
        ("97150", "978"),
        ("97100", "971"),
        ("98800", "988"),
        ("", ""),
        ("98000", ""),
    ],
)
def test_departement_begins_the_postal_code(code_postal: str, departement: str) -> None:
    assert departement_of_code_postal(code_postal) == departement


def test_codes_of_the_real_communes_lead_to_their_departement(real_data: Path) -> None:
    columns = ("code_insee", "codes_postaux", "dep_code")
    rows = [row for _, row in read_rows(real_data, "communes.csv", columns)]
    neighbours = {
        code
        for row in rows
        for code in row["codes_postaux"].split("|")
        if code and departement_of_code_postal(code) != row["dep_code"]
    }

    assert all(is_insee(row["code_insee"]) and is_departement(row["dep_code"]) for row in rows)
    assert all(departement_of(row["code_insee"]) == row["dep_code"] for row in rows)
    assert len(neighbours) == 18


def test_codes_have_a_normal_form() -> None:
    assert [normal_naf(text) for text in ("10.71c", "1071C")] == ["1071C", "1071C"]
    assert [normal_idcc(text) for text in ("0843", "843", "0000")] == ["843", "843", "0"]

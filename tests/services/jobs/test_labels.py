from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.texts import Kind
from services.jobs.labels import (
    public_text,
    read_contrat_type,
    read_libelle,
    read_niveaux,
    readable_name,
    web_address,
)
from services.jobs.offre import ContratType


@pytest.mark.parametrize(
    ("libelle", "departement", "commune"),
    [
        ("46 - CAHORS", "46", "CAHORS"),
        ("75 - Paris 10e  Arrondissement", "75", "Paris 10e  Arrondissement"),
        ("75 - Paris (Dept.)", "75", None),
        ("2A - AJACCIO", "2A", "AJACCIO"),
        ("2a - Corse-du-Sud (Dept.)", "2A", None),
        ("974 - ST DENIS", "974", "ST DENIS"),
        ("60 - Saint-Just-en-Chaussée", "60", "Saint-Just-en-Chaussée"),
        ("France", None, None),
        ("Ile-de-France", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_place_labels(libelle: str | None, departement: str | None, commune: str | None) -> None:
    assert read_libelle(libelle) == (departement, commune)


@given(
    st.from_regex(r"\A(0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|97[1-6])\Z"),
    st.from_regex(r"\A[A-Z][A-Z' -]{0,20}[A-Z]\Z"),
)
def test_any_departement_and_name_come_back(departement: str, name: str) -> None:
    assert read_libelle(f"{departement} - {name}") == (departement, name)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    read_libelle(text)
    for kind in Kind:
        public_text(text, kind)
    readable_name(text)
    web_address(text)


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("VILLIERS LE DUC", "Villiers le Duc"),
        ("L'HAY-LES-ROSES", "L'Hay-les-Roses"),
        ("LE MANS", "Le Mans"),
        ("La Rochelle", "La Rochelle"),
    ],
)
def test_capitals_become_a_name(name: str, readable: str) -> None:
    assert readable_name(name) == readable


@pytest.mark.parametrize(
    ("label", "niveaux"),
    [
        ("CAP, BEP et équivalents", {3}),
        ("Bac ou équivalent", {4}),
        ("Bac+2 ou équivalents", {5}),
        ("Bac+3, Bac+4 ou équivalents", {6}),
        ("Bac+5 et plus ou équivalents", {7}),
        ("Aucune formation scolaire", set()),
        ("4ème achevée", set()),
        (None, set()),
    ],
)
def test_level_labels(label: str | None, niveaux: set[int]) -> None:
    assert read_niveaux([label]) == niveaux


@pytest.mark.parametrize(
    ("nature", "contrat"),
    [
        ("Contrat apprentissage", ContratType.APPRENTISSAGE),
        ("E2", ContratType.APPRENTISSAGE),
        ("Cont. professionnalisation", ContratType.PROFESSIONNALISATION),
        ("FS", ContratType.PROFESSIONNALISATION),
        ("Contrat travail", None),
        (None, None),
    ],
)
def test_contract_labels(nature: str | None, contrat: ContratType | None) -> None:
    assert read_contrat_type(nature) is contrat


@pytest.mark.parametrize(
    "contact",
    [
        "jean.dupont+cv@fournil.example",
        "jean\u200b@fournil\u200b.example",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "0612345678",
        "+33 6 12 34 56 78",
    ],
)
def test_contact_in_a_text_is_masked(contact: str) -> None:
    masked = public_text(f"Écrivez à {contact}, merci.", Kind.DESCRIPTION)

    assert masked is not None
    assert contact not in masked
    assert "masqu" in masked


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (Kind.TITLE, "Boulanger\u202e &amp; p\x92tit\nchef", "Boulanger & p’tit chef"),
        (Kind.DESCRIPTION, "a\u200b\r\n- b &lt; 3\n", "a\n- b < 3"),
        (Kind.LABEL, "\ufeff", None),
    ],
)
def test_text_is_mended_by_the_rule_of_all_services(kind: Kind, text: str, expected: str | None) -> None:
    assert public_text(text, kind) == expected


@pytest.mark.parametrize("text", ["SIRET 12345678900012", "35H du 01/09/2026 au 31/08/2028", "1 234,50 €"])
def test_other_numbers_stay(text: str) -> None:
    assert public_text(text, Kind.DESCRIPTION) == text


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("javascript:alert(1)", None),
        ("www.a.example", None),
        ("http://[", None),
        (None, None),
    ],
)
def test_only_web_addresses_become_links(text: str | None, address: str | None) -> None:
    assert web_address(text) == address

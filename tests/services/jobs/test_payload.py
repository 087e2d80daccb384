from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import UpstreamUnavailable
from services.france.geo import Point
from services.france.lieu import Lieu
from services.jobs.offre import Contrat, ContratType, Entreprise, Offre
from services.jobs.payload import Page, read_detail, read_offre, read_page, read_total
from tests.support.france.communes import commune_row, table_of
from tests.support.jobs.partner import COMMUNES

PAYLOADS = Path(__file__).parent / "payloads"


def payload(name: str) -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads((PAYLOADS / name).read_bytes())
    return content


def test_complete_offer_is_read_without_its_contacts() -> None:
    offre = read_offre(payload("complete.json"), COMMUNES)

    assert offre == Offre(
        id="048KLTP",
        intitule="Boulanger / Boulangère (H/F)",
        description="Nous recherchons un apprenti. Envoyez votre CV à [adresse masquée] ou au "
        "[téléphone masqué].",
        rome="D1102",
        rome_libelle="Boulanger / Boulangère",
        appellation="Boulanger / Boulangère",
        entreprise=Entreprise(
            nom="Le boulanger austral",
            siret="12345678900012",
            description="Votre nouvelle boulangerie locale",
            url="https://boulanger-austral.example",
        ),
        contrat=Contrat(ContratType.APPRENTISSAGE, "CDD - 24 Mois", "35H/semaine"),
        lieu=Lieu(None, "46000", "46042", "Cahors", "46", Point(44.4475, 1.4419)),
        publiee_le=datetime(2026, 10, 23, 8, 15, 42, tzinfo=UTC),
        actualisee_le=datetime(2026, 10, 24, 8, 15, 42, tzinfo=UTC),
        url="https://candidat.francetravail.fr/offres/recherche/detail/048KLTP",
        nombre_postes=3,
        niveaux=frozenset({3}),
        fictive=False,
    )


def test_every_field_but_id_and_title_may_be_missing() -> None:
    offre = read_offre(payload("bare.json"), COMMUNES)

    assert offre == Offre(
        id="178SIMX",
        intitule="Alternance vente",
        appellation="Vendeur / Vendeuse",
        contrat=Contrat(ContratType.PROFESSIONNALISATION),
        lieu=Lieu(departement="75"),
        publiee_le=datetime(2026, 10, 23, 8, 15, 42, tzinfo=UTC),
        url="https://candidat.francetravail.fr/offres/recherche/detail/178SIMX",
    )


@pytest.mark.parametrize(
    "lieu",
    [
        {"libelle": "46 - CAHORS"},
        {"libelle": "46 - CAHORS", "commune": "46042"},
        {"commune": "46042", "latitude": 44.4},
        {"commune": "46042", "latitude": 0, "longitude": 0},
        {"commune": "46042", "latitude": 444.0, "longitude": 1.4},
    ],
)
def test_offer_without_usable_coordinates_is_at_the_centre_of_its_commune(lieu: dict[str, Any]) -> None:
    offre = read_offre({"id": "1", "intitule": "x", "lieuTravail": lieu}, COMMUNES)

    assert offre is not None
    assert offre.lieu == Lieu(
        insee="46042", commune="Cahors", departement="46", point=Point(44.45651, 1.43901)
    )


def test_offer_with_a_former_code_is_in_the_commune_of_today() -> None:
    communes = table_of(
        [commune_row("2A004", "Ajaccio", "20000", 76_320, (41.92274, 8.70583), former="20004")]
    )

    offre = read_offre({"id": "1", "intitule": "x", "lieuTravail": {"commune": "20004"}}, communes)

    assert offre is not None
    assert offre.lieu == Lieu(
        insee="2A004", commune="Ajaccio", departement="2A", point=Point(41.92274, 8.70583)
    )


def test_a_name_is_never_looked_for_in_another_departement() -> None:
    offre = read_offre(
        {"id": "1", "intitule": "x", "lieuTravail": {"libelle": "15 - SAINT CERE SUR CERE"}}, COMMUNES
    )

    assert offre is not None
    assert offre.lieu == Lieu(commune="Saint Cere sur Cere", departement="15")


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2027-09-01T09:00:00+02:00", datetime(2027, 9, 1, 7, tzinfo=UTC)),
        ("2027-09-01T07:00:00", datetime(2027, 9, 1, 7, tzinfo=UTC)),
        ("0001-01-01T00:00:00+02:00", None),
    ],
)
def test_instant_is_in_utc_or_left_out(written: str, instant: datetime | None) -> None:
    offre = read_offre({"id": "1", "intitule": "x", "dateCreation": written}, COMMUNES)

    assert offre is not None
    assert offre.publiee_le == instant


def test_siret_of_an_offer_is_14_ascii_digits() -> None:
    sirets = ["732 829 320 00074", "٧٣٢٨٢٩٣٢٠٠٠٠٧٤", "1"]
    offres = [
        read_offre({"id": "1", "intitule": "x", "entreprise": {"siret": each}}, COMMUNES) for each in sirets
    ]

    assert [offre and offre.entreprise.siret for offre in offres] == ["73282932000074", None, None]


def test_departement_is_that_of_the_label_where_the_code_is_of_no_departement() -> None:
    offre = read_offre(
        {"id": "1", "intitule": "x", "lieuTravail": {"libelle": "46 - AILLEURS", "commune": "ABCDE"}},
        COMMUNES,
    )

    assert offre is not None
    assert offre.lieu.departement == "46"


def test_whole_city_has_no_point_of_its_own() -> None:
    offre = read_offre({"id": "1", "intitule": "x", "lieuTravail": {"libelle": "75 - PARIS"}}, COMMUNES)

    assert offre is not None
    assert offre.lieu == Lieu(insee="75056", commune="Paris", departement="75")


@pytest.mark.parametrize(
    "wrong",
    [
        {"intitule": "sans identifiant"},
        {"id": "1", "intitule": "\u200b\ufeff"},
        {"id": "1"},
        {"id": "../secret", "intitule": "x"},
        {"id": 12, "intitule": "x"},
        {"id": "1", "intitule": ["x"]},
        {"id": "1", "intitule": "x", "lieuTravail": {"latitude": "au nord"}},
        {"id": "1", "intitule": "x", "dateCreation": "hier"},
        {"id": "1", "intitule": "x", "formations": "CAP"},
        "une offre",
        None,
    ],
)
def test_row_off_the_contract_is_left_out_and_counted(wrong: object) -> None:
    body = orjson.dumps({"resultats": [wrong, payload("complete.json")]})

    page = read_page(body, "offres 0-1/2", COMMUNES)

    assert [offre.id for offre in page.offres] == ["048KLTP"]
    assert (page.total, page.unreadable) == (2, 1)


@pytest.mark.parametrize("body", [b"", b"<html></html>", b'{"resultats": [{"id"', b"[]", b"{}", b"NaN"])
def test_what_is_no_page_is_an_unavailable_partner(body: bytes) -> None:
    with pytest.raises(UpstreamUnavailable):
        read_page(body, None, COMMUNES)


def test_detail_that_is_no_offer_is_an_unavailable_partner() -> None:
    with pytest.raises(UpstreamUnavailable):
        read_detail(b'{"id": "1"}', COMMUNES)


@given(st.integers(0, 3149), st.integers(0, 3149), st.integers(0, 10**6))
def test_total_is_read_from_any_range(start: int, end: int, total: int) -> None:
    assert read_total(f"offres {start}-{end}/{total}") == total


@pytest.mark.parametrize(
    ("header", "total"),
    [
        ("*/0", 0),
        ("offres */0", 0),
        ("offres -1--1/353", 353),
        ("", None),
        ("offres 0-9/*", None),
        (None, None),
    ],
)
def test_ranges_seen_from_the_partner(header: str | None, total: int | None) -> None:
    assert read_total(header) == total


@given(st.text())
def test_unreadable_range_is_no_total(header: str) -> None:
    assert read_total(header + "x") is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
        lambda each: (
            st.lists(each, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["id", "intitule", "lieuTravail", "libelle", "commune", "latitude", "entreprise"]
                ),
                each,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_at_all_breaks_the_reader(content: object) -> None:
    page = read_page(orjson.dumps({"resultats": [content]}), None, COMMUNES)

    assert len(page.offres) + page.unreadable == 1
    assert isinstance(page, Page)

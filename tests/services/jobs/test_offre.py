from __future__ import annotations

from datetime import UTC, datetime
from string import ascii_uppercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.france.geo import Point, Zone
from services.france.lieu import Lieu
from services.jobs.offre import Criteria, Offre, Sort, has_offre_form, select

PARIS = Point(48.8566, 2.3522)
AROUND = Zone(origin=PARIS, rayon_km=10)


def offre(
    offre_id: str, lieu: Lieu | None = None, day: int | None = None, niveaux: set[int] | None = None
) -> Offre:
    return Offre(
        id=offre_id,
        intitule="Boulanger",
        rome="D1102",
        lieu=lieu or Lieu(),
        publiee_le=datetime(2026, 10, day, tzinfo=UTC) if day else None,
        niveaux=frozenset(niveaux or ()),
    )


def found(
    offres: list[Offre], zone: Zone, sort: Sort = Sort.DISTANCE, niveau: int | None = None
) -> list[str]:
    criteria = Criteria(frozenset({"D1102"}), zone, sort, niveau, origin_departement="75")
    return [row.offre.id for row in select({each.id: each for each in offres}, criteria)]


NEAR = offre("near", Lieu(point=Point(48.86, 2.35), departement="75", insee="75101"), day=1)
NEARER = offre("nearer", Lieu(point=Point(48.857, 2.352), departement="75", insee="75104"), day=2)
FAR = offre("far", Lieu(point=Point(48.95, 2.35), departement="93", insee="93066"), day=3)
PARIS_ALONE = offre("paris", Lieu(departement="75"), day=4)
LOT_ALONE = offre("lot", Lieu(departement="46"))
NOWHERE = offre("nowhere")
ALL = [PARIS_ALONE, FAR, LOT_ALONE, NEAR, NOWHERE, NEARER]


def test_circle_holds_what_is_within_and_its_own_departement_last() -> None:
    assert found(ALL, AROUND) == ["nearer", "near", "paris"]


def test_circle_latest_first() -> None:
    assert found(ALL, AROUND, Sort.DATE) == ["paris", "nearer", "near"]


def test_edge_of_the_circle_is_exact() -> None:
    edge = offre("edge", Lieu(point=Point(PARIS.latitude + 10 / 111.19509, PARIS.longitude)))

    assert found([edge], Zone(origin=PARIS, rayon_km=10.0001)) == ["edge"]
    assert found([edge], Zone(origin=PARIS, rayon_km=9.9999)) == []


def test_communes_and_departements_hold_their_own() -> None:
    assert found(ALL, Zone(communes=frozenset({"75101", "93066"}))) == ["far", "near"]
    assert found(ALL, Zone(departements=frozenset({"75"}))) == ["paris", "nearer", "near"]


def test_without_origin_the_latest_come_first_and_undated_last() -> None:
    assert found(ALL, Zone()) == ["paris", "far", "nearer", "near", "lot", "nowhere"]


def test_offer_without_a_level_matches_every_level() -> None:
    offres = [offre("cap", niveaux={3}), offre("bts", niveaux={5, 6}), offre("any")]

    assert found(offres, Zone(), niveau=3) == ["any", "cap"]
    assert found(offres, Zone(), niveau=6) == ["any", "bts"]


def test_offer_of_another_job_is_left_out() -> None:
    other = Offre(id="other", intitule="Vendeur", rome="D1106")

    assert found([other, NOWHERE], Zone()) == ["nowhere"]


# Ids of offers in the documentation of France Travail and in public fixtures, and the sandbox's.
@pytest.mark.parametrize("offre_id", ["048KLTP", "134CMXJ", "5916934", "1712795", "SIM00001"])
def test_form_of_an_id(offre_id: str) -> None:
    assert has_offre_form(offre_id)


@given(st.text(max_size=14) | st.text(digits + ascii_uppercase + "az_-/", max_size=14))
def test_other_forms_are_refused(text: str) -> None:
    right = (
        1 <= len(text) <= 12 and set(text) <= set(digits + ascii_uppercase) and bool(set(text) & set(digits))
    )

    assert has_offre_form(text) is right

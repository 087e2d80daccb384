from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.rdv.creneau import HORIZON, encode_id
from services.rdv.rendez_vous import Accueil, CreneauIndisponible, FormationFermee
from tests.support.rdv.builders import NOW, OTHER_SIRET, SIRET, THURSDAY, a_creneau, a_demande, thursday

ACCUEIL = Accueil("f1", SIRET, (THURSDAY,))


def test_taken_slots_are_not_offered() -> None:
    accueil = replace(ACCUEIL, booked=[(thursday(8), thursday(8, 30))])

    assert [each.start for each in accueil.next_creneaux(2, NOW, NOW)] == [thursday(8, 30), thursday(9)]


def test_slot_that_an_appointment_of_older_rules_overlaps_is_not_offered() -> None:
    accueil = replace(ACCUEIL, booked=[(thursday(8, 15), thursday(8, 45))])

    assert accueil.next_creneaux(1, NOW, NOW)[0].start == thursday(9)


def test_slot_that_begins_where_an_appointment_ends_is_free_and_so_is_the_one_before() -> None:
    accueil = replace(ACCUEIL, booked=[(thursday(8, 30), thursday(9))])

    assert [each.start for each in accueil.next_creneaux(2, NOW, NOW)] == [thursday(8), thursday(9)]


def test_slots_end_after_eight_weeks() -> None:
    every = ACCUEIL.next_creneaux(1000, NOW, NOW)

    # From 11 March to 29 April there are eight Thursdays with four slots each, without a holiday.
    assert len(every) == 8 * 4
    assert every[-1].end <= NOW + timedelta(weeks=8)


def test_training_whose_rules_are_over_is_closed() -> None:
    over = replace(ACCUEIL, regles=(replace(THURSDAY, jusqu_a=date(2027, 3, 9)),))

    assert ACCUEIL.is_open(NOW)
    assert not over.is_open(NOW)
    assert not Accueil("f1", SIRET).is_open(NOW)
    with pytest.raises(FormationFermee):
        over.creneau(a_creneau().id, NOW, NOW)


def test_training_is_open_until_the_last_day_of_its_rules() -> None:
    for jusqu_a in (NOW.date(), date(2027, 12, 31)):
        assert replace(ACCUEIL, regles=(replace(THURSDAY, jusqu_a=jusqu_a),)).is_open(NOW)


def test_slot_of_the_first_instant_allowed_is_available_and_no_earlier_one() -> None:
    start = a_creneau().start

    assert ACCUEIL.creneau(a_creneau().id, start, NOW) == a_creneau()
    with pytest.raises(CreneauIndisponible):
        ACCUEIL.creneau(a_creneau().id, start + timedelta(seconds=1), NOW)


def test_slot_may_end_at_the_horizon_and_no_later() -> None:
    last = a_creneau().end

    assert ACCUEIL.creneau(a_creneau().id, last - HORIZON, last - HORIZON) == a_creneau()
    earlier = last - HORIZON - timedelta(seconds=1)
    with pytest.raises(CreneauIndisponible):
        ACCUEIL.creneau(a_creneau().id, earlier, earlier)


def test_slot_is_found_by_its_id() -> None:
    assert ACCUEIL.creneau(a_creneau().id, NOW, NOW) == a_creneau()


@pytest.mark.parametrize(
    "creneau_id",
    [
        "nonsense",
        encode_id(OTHER_SIRET, thursday(8)),
        encode_id(SIRET, thursday(8, 10)),
        encode_id(SIRET, thursday(8) - timedelta(weeks=1)),
        encode_id(SIRET, thursday(8) + timedelta(weeks=20)),
    ],
)
def test_other_slots_are_not_available(creneau_id: str) -> None:
    with pytest.raises(CreneauIndisponible):
        ACCUEIL.creneau(creneau_id, NOW, NOW)


def test_candidate_and_training_are_known_by_a_digest_that_ignores_case() -> None:
    digest = a_demande().who_and_what

    assert a_demande("ana.silva@EXAMPLE.org").who_and_what == digest
    assert a_demande(formation_id="f2").who_and_what != digest
    assert "ana" not in digest

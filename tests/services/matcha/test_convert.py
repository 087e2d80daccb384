from __future__ import annotations

from datetime import date

from services.common.idempotency import idempotency_of
from services.common.text_fields import normalise_texts
from services.matcha.besoin import Contrat, Rythme
from services.matcha.checks import DEPOT_TEXTS
from services.matcha.convert import depot_from_proto
from tests.support.matcha.builders import EMAIL, a_request


def test_right_request_is_read_whole() -> None:
    depot = depot_from_proto(a_request(cle_idempotence="12345678"))

    assert depot.annonce.romes == ("D1102",)
    assert depot.annonce.contrats == (Contrat.APPRENTISSAGE,)
    assert depot.annonce.rythme is Rythme.UNE_SEMAINE_UNE_SEMAINE
    assert depot.annonce.start_le == date(2027, 9, 1)
    assert depot.annonce.lieu.departement == "75"
    assert (depot.contact.email, depot.contact.telephone) == (EMAIL, "0612345678")
    assert depot.idcc == "843"
    assert depot.idempotency == idempotency_of(a_request(cle_idempotence="12345678"))


def test_values_are_read_once_in_their_normal_form() -> None:
    request = a_request(romes=["D1102", "D1102"], contrats=[2, 1, 2], idcc="0843", enseigne="  ")

    depot = depot_from_proto(normalise_texts(request, DEPOT_TEXTS))

    assert depot.annonce.romes == ("D1102",)
    assert depot.annonce.contrats == (Contrat.PROFESSIONNALISATION, Contrat.APPRENTISSAGE)
    assert depot.idcc == "843"
    assert depot.annonce.entreprise.enseigne is None


def test_defaults_are_apprenticeship_and_one() -> None:
    annonce = depot_from_proto(a_request(contrats=[], quantite=0)).annonce

    assert (annonce.contrats, annonce.quantite) == ((Contrat.APPRENTISSAGE,), 1)

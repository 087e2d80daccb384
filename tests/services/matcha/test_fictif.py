from __future__ import annotations

from datetime import UTC, date, datetime

from services.france.geo import Point
from services.france.lieu import Lieu
from services.matcha.besoin import Contact, Contrat, Entreprise, Renouvellement, Rythme
from services.matcha.fictif import Metiers, fictif_of, has_need

METIERS = Metiers(
    {"1071C": {"D1102": 60, "D1106": 40}},
    {"D1102": ["Boulanger", "Tourier"], "D1106": ["Vendeur", "Caissier"]},
)
NOW = datetime(2027, 3, 10, tzinfo=UTC)
LIEU = Lieu(point=Point(48.8, 2.3))


def test_siret_gives_the_same_need_on_every_machine() -> None:
    fictif = fictif_of(Entreprise("73282932000074", "X", None, "1071C"), LIEU, METIERS, NOW)

    assert fictif is not None
    annonce = fictif.besoin.annonce
    assert (fictif.besoin.id, fictif.besoin.opco) == (
        "08eb846be84a5ae90c2f708bd19c4fde",
        "Opco entreprises de proximité",
    )
    assert (annonce.intitule, annonce.romes, annonce.niveau) == ("Vendeur", ("D1106",), 4)
    assert (annonce.contrats, annonce.quantite, annonce.duree_mois) == ((Contrat.APPRENTISSAGE,), 2, 12)
    assert annonce.rythme is Rythme.DEUX_SEMAINES_TROIS_SEMAINES
    assert annonce.start_le == date(2027, 5, 18)
    assert fictif.dating == Renouvellement(22, 69)
    assert fictif.contact == Contact("Camille", "Fictif", "contact@73282932000074.invalid")


def test_company_whose_activity_hires_for_no_known_job_has_no_need() -> None:
    assert fictif_of(Entreprise("73282932000074", "X", None, "6820B"), LIEU, METIERS, NOW) is None


def test_siret_has_a_need_or_none_on_every_machine() -> None:
    sirets = ("73282932000074", "00705004000018", "13000460900017")

    assert list(map(has_need, sirets)) == [False, True, False]

"""Needs and requests for the tests of matcha, right until a test changes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from protos import diplome_pb2, geo_pb2, matcha_pb2
from services.france.geo import Point, Zone
from services.france.lieu import Lieu
from services.matcha.besoin import (
    Annonce,
    Besoin,
    Contact,
    Depot,
    Entreprise,
    Fictif,
    Renouvellement,
    Statut,
    expiry,
)
from services.matcha.limits import Limits
from services.matcha.search import Criteria, Sort

NOW = datetime(2027, 3, 10, 9, 30, tzinfo=UTC)
PARIS = Point(48.8566, 2.3522)
SIRET = "73282932000074"
OTHER_SIRET = "44306184100047"
EMAIL = "jeanne.martin@boulangerie.example"
LIMITS = Limits(caller_per_day=10, caller_per_entreprise=2)
SECRET = "a secret of thirty-two characters, or more"


def a_besoin(id_: str = "b1", *, point: Point = PARIS, **changes: Any) -> Besoin:
    annonce = Annonce(
        intitule="Boulanger / Boulangère",
        romes=("D1102",),
        entreprise=Entreprise(SIRET, "Boulangerie Martin", naf="1071C"),
        lieu=Lieu(code_postal="75004", insee="75104", commune="Paris", departement="75", point=point),
    )
    cree_le = changes.pop("cree_le", NOW)
    besoin = Besoin(id_, annonce, cree_le, expiry(cree_le), Statut.ACTIF)
    ours = {name: changes.pop(name) for name in ("statut", "expire_le", "fictive") if name in changes}
    return replace(besoin, annonce=replace(annonce, **changes), **ours)


def a_depot(besoin: Besoin, **changes: Any) -> Depot:
    return replace(Depot(besoin.annonce, Contact("Jeanne", "Martin", EMAIL)), **changes)


def a_fictif(id_: str, age_days: int = 10) -> Fictif:
    dating = Renouvellement(age_days, start_in_days=30)
    besoin = a_besoin(id_, fictive=True).renewed(dating, NOW)
    return Fictif(besoin, Contact("Camille", "Fictif", "contact@x.invalid"), dating)


def criteria(*romes: str, zone: Zone | None = None, **changes: Any) -> Criteria:
    zone = zone or Zone()
    sort = Sort.DATE if zone.origin is None else Sort.DISTANCE
    return replace(Criteria(romes or ("D1102",), zone, sort), **changes)


def a_request(**changes: Any) -> matcha_pb2.CreateBesoinRequest:
    fields: dict[str, Any] = {
        "siret": SIRET,
        "raison_sociale": "Boulangerie Martin",
        "naf": "1071C",
        "idcc": "0843",
        "lieu": geo_pb2.Lieu(
            adresse="4 rue de Rivoli",
            code_postal="75004",
            insee="75104",
            commune="Paris",
            point=geo_pb2.Point(latitude=48.8556, longitude=2.3604),
        ),
        "contact": matcha_pb2.Contact(prenom="Jeanne", nom="Martin", email=EMAIL, telephone="06 12 34 56 78"),
        "intitule": "Apprenti boulanger",
        "romes": ["D1102"],
        "niveau": diplome_pb2.NIVEAU_3,
        "contrats": [matcha_pb2.BESOIN_CONTRAT_APPRENTISSAGE],
        "rythme": matcha_pb2.RYTHME_UNE_SEMAINE_UNE_SEMAINE,
        "duree_mois": 24,
        "quantite": 1,
        "start_le": "2027-09-01",
    }
    return matcha_pb2.CreateBesoinRequest(**{**fields, **changes})

"""Converts needs to documents of MongoDB and back."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.france.geo import Point
from services.france.lieu import Lieu
from services.matcha.besoin import (
    Annonce,
    Besoin,
    Contact,
    Contrat,
    Depot,
    Entreprise,
    Fictif,
    Renouvellement,
    Rythme,
    Statut,
)
from services.matcha.search import Candidate

Document = dict[str, Any]

PUBLIC = dict.fromkeys(
    (
        "intitule",
        "romes",
        "entreprise",
        "lieu",
        "point",
        "contrats",
        "quantite",
        "description",
        "niveau",
        "rythme",
        "duree_mois",
        "start_le",
        "cree_le",
        "expire_le",
        "statut",
        "opco",
        "fictive",
    ),
    1,
)
"""The fields that may be shown. They are listed one by one, so that the contact is never read."""

CANDIDATE = {"point": 1, "cree_le": 1}
"""The fields that a search reads of each candidate."""


def depot_to_document(besoin: Besoin, depot: Depot) -> Document:
    return _besoin_to_document(besoin, depot.contact)


def fictif_to_document(fictif: Fictif) -> Document:
    document = _besoin_to_document(fictif.besoin, fictif.contact)
    document["renouvellement"] = {
        "age_days": fictif.dating.age_days,
        "start_in_days": fictif.dating.start_in_days,
    }
    return document


def dates_to_document(besoin: Besoin) -> Document:
    """The fields that a renewal changes."""
    start_le = besoin.annonce.start_le
    return _present(
        cree_le=besoin.cree_le,
        expire_le=besoin.expire_le,
        start_le=None if start_le is None else start_le.isoformat(),
    )


def _besoin_to_document(besoin: Besoin, contact: Contact) -> Document:
    annonce, lieu = besoin.annonce, besoin.annonce.lieu
    return {
        "_id": besoin.id,
        "statut": besoin.statut.value,
        "fictive": besoin.fictive,
        "intitule": annonce.intitule,
        "romes": list(annonce.romes),
        "entreprise": _present(
            siret=annonce.entreprise.siret,
            raison_sociale=annonce.entreprise.raison_sociale,
            enseigne=annonce.entreprise.enseigne,
            naf=annonce.entreprise.naf,
        ),
        "lieu": _present(
            adresse=lieu.adresse,
            code_postal=lieu.code_postal,
            insee=lieu.insee,
            commune=lieu.commune,
            departement=lieu.departement,
        ),
        "contrats": [contrat.value for contrat in annonce.contrats],
        "quantite": annonce.quantite,
        "contact": _present(
            prenom=contact.prenom, nom=contact.nom, email=contact.email, telephone=contact.telephone
        ),
        **_present(
            point=_point_to_document(lieu.point),
            description=annonce.description,
            niveau=annonce.niveau,
            rythme=annonce.rythme.value if annonce.rythme else None,
            duree_mois=annonce.duree_mois,
            opco=besoin.opco,
        ),
        **dates_to_document(besoin),
    }


def besoin_from_document(document: Document) -> Besoin:
    return Besoin(
        id=document["_id"],
        annonce=_annonce_from_document(document),
        cree_le=document["cree_le"],
        expire_le=document["expire_le"],
        statut=Statut(document["statut"]),
        opco=document.get("opco"),
        fictive=document["fictive"],
    )


def _annonce_from_document(document: Document) -> Annonce:
    rythme, start_le = document.get("rythme"), document.get("start_le")
    return Annonce(
        intitule=document["intitule"],
        romes=tuple(document["romes"]),
        entreprise=Entreprise(**document["entreprise"]),
        lieu=Lieu(**document["lieu"], point=_point_from_document(document)),
        contrats=tuple(Contrat(contrat) for contrat in document["contrats"]),
        quantite=document["quantite"],
        description=document.get("description"),
        niveau=document.get("niveau"),
        rythme=None if rythme is None else Rythme(rythme),
        duree_mois=document.get("duree_mois"),
        start_le=None if start_le is None else date.fromisoformat(start_le),
    )


def dating_from_document(document: Document) -> Renouvellement:
    return Renouvellement(**document["renouvellement"])


def candidate_from_document(document: Document) -> Candidate:
    return Candidate(document["_id"], _point_from_document(document), document["cree_le"])


def _point_to_document(point: Point | None) -> Document | None:
    if point is None:
        return None
    return {"type": "Point", "coordinates": [point.longitude, point.latitude]}


def _point_from_document(document: Document) -> Point:
    longitude, latitude = document["point"]["coordinates"]
    return Point(latitude, longitude)


def _present(**values: Any) -> Document:
    """The values that are not None. Absent values are not stored, for partial indexes and `$exists`."""
    return {name: value for name, value in values.items() if value is not None}

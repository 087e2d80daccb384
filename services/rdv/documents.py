"""Converts appointments and rules to documents of MongoDB and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from services.rdv.creneau import Creneau, Regle
from services.rdv.rendez_vous import Demande, RendezVous, Statut

Document = dict[str, Any]

PUBLIC = dict.fromkeys(("formation_id", "siret", "start", "end", "statut", "cree_le"), 1)
"""The fields that may be shown. They are listed one by one, so that the candidate is never read."""


def rendez_vous_to_document(rendez_vous: RendezVous, demande: Demande) -> Document:
    candidat = demande.candidat
    return {
        "_id": rendez_vous.id,
        "formation_id": rendez_vous.formation_id,
        "siret": rendez_vous.creneau.siret,
        "start": rendez_vous.creneau.start,
        "end": rendez_vous.creneau.end,
        "statut": rendez_vous.statut.value,
        "cree_le": rendez_vous.cree_le,
        "candidat": _present(
            prenom=candidat.prenom, nom=candidat.nom, email=candidat.email, telephone=candidat.telephone
        ),
        **_present(message=demande.message),
    }


def rendez_vous_from_document(document: Document) -> RendezVous:
    return RendezVous(
        id=document["_id"],
        formation_id=document["formation_id"],
        creneau=Creneau(document["start"], document["end"], document["siret"]),
        statut=Statut(document["statut"]),
        cree_le=document["cree_le"],
    )


def regles_to_documents(regles: Sequence[Regle]) -> list[Document]:
    return [
        _present(
            jour=regle.jour,
            start=regle.start.isoformat("minutes"),
            end=regle.end.isoformat("minutes"),
            duree_min=regle.duree_min,
            depuis=regle.depuis.isoformat() if regle.depuis else None,
            jusqu_a=regle.jusqu_a.isoformat() if regle.jusqu_a else None,
        )
        for regle in regles
    ]


def regles_from_documents(documents: Sequence[Document]) -> tuple[Regle, ...]:
    return tuple(
        Regle(
            jour=document["jour"],
            start=time.fromisoformat(document["start"]),
            end=time.fromisoformat(document["end"]),
            duree_min=document["duree_min"],
            depuis=_day(document.get("depuis")),
            jusqu_a=_day(document.get("jusqu_a")),
        )
        for document in documents
    )


def booked_from_document(document: Document) -> tuple[datetime, datetime]:
    return document["start"], document["end"]


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _present(**values: Any) -> Document:
    """The values that are not None. Absent values are not stored, for partial indexes."""
    return {name: value for name, value in values.items() if value is not None}

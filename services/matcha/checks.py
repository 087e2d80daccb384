"""Finds the problems of requests, field by field."""

from __future__ import annotations

from datetime import date

from protos import geo_pb2, matcha_pb2
from services.common.checks import enum_problems, first_problems, range_problems
from services.common.errors import Problem
from services.common.idempotency import key_problems
from services.common.text_fields import OWN_RULE, Text, TextTable, texts_problems
from services.common.texts import Kind, quoted
from services.france.checks import (
    code_postal_problems,
    departement_problems,
    idcc_problems,
    insee_problems,
    naf_problems,
    niveau_problems,
    romes_problems,
    siret_problems,
)
from services.france.clock import read_day
from services.france.fields import email_problems, telephone_problems
from services.france.geo import Point, point_problems
from services.matcha.besoin import add_months

MAX_ROMES = 10
MAX_QUANTITE = 10
DUREE_MOIS = (6, 36)
MONTHS_AHEAD = 24

DEPOT_TEXTS: TextTable = {
    "intitule": Text(Kind.TITLE, 3, 150),
    "description": Text(Kind.DESCRIPTION, 0, 5_000),
    "romes": OWN_RULE,
    "start_le": OWN_RULE,
    "siret": OWN_RULE,
    "raison_sociale": Text(Kind.LABEL, 1, 200),
    "enseigne": Text(Kind.LABEL, 0, 200),
    "naf": OWN_RULE,
    "idcc": OWN_RULE,
    "lieu.adresse": Text(Kind.LABEL, 0, 200),
    "lieu.commune": Text(Kind.LABEL, 0, 100),
    "lieu.code_postal": OWN_RULE,
    "lieu.insee": OWN_RULE,
    "lieu.departement": OWN_RULE,
    "contact.prenom": Text(Kind.NAME, 1, 50),
    "contact.nom": Text(Kind.NAME, 1, 50),
    "contact.email": OWN_RULE,
    "contact.telephone": OWN_RULE,
    "cle_idempotence": OWN_RULE,
}

TEXTS = {"CreateBesoin": DEPOT_TEXTS}
"""The texts of each RPC that changes something."""


def search_problems(request: matcha_pb2.SearchBesoinsRequest) -> list[Problem]:
    """All problems except those of the zone and of the cursor."""
    return [
        *romes_problems("romes", request.romes),
        *niveau_problems("niveau", request.niveau),
        *enum_problems("sort", request.sort, matcha_pb2.BesoinSort.DESCRIPTOR, "un ordre connu"),
        *first_problems(request.first),
    ]


def depot_problems(request: matcha_pb2.CreateBesoinRequest, today: date) -> list[Problem]:
    """The problems of a posted need whose texts are normalised."""
    return [
        *texts_problems(request, DEPOT_TEXTS),
        *_annonce_problems(request, today),
        *_entreprise_problems(request),
        *_lieu_problems(request.lieu),
        *_contact_problems(request.contact),
        *key_problems(request),
    ]


def _annonce_problems(request: matcha_pb2.CreateBesoinRequest, today: date) -> list[Problem]:
    problems = [
        *romes_problems("romes", request.romes, MAX_ROMES),
        *_contrats_problems(request),
        *niveau_problems("niveau", request.niveau),
        *enum_problems("rythme", request.rythme, matcha_pb2.Rythme.DESCRIPTOR, "un rythme connu"),
        *_start_problems(request.start_le, today),
    ]
    if request.quantite:
        problems += range_problems("quantite", request.quantite, 1, MAX_QUANTITE)
    if request.HasField("duree_mois"):
        problems += range_problems("duree_mois", request.duree_mois, *DUREE_MOIS, "mois")
    return problems


def _contrats_problems(request: matcha_pb2.CreateBesoinRequest) -> list[Problem]:
    known = matcha_pb2.BesoinContrat.values()
    wanted = "un contrat ; apprentissage ou professionnalisation"
    return [
        Problem(f"contrats[{place}]", f"{number} n'est pas {wanted}")
        for place, number in enumerate(request.contrats)
        if not number or number not in known
    ]


def _start_problems(text: str, today: date) -> list[Problem]:
    if not text:
        return []
    day, last = read_day(text), add_months(today, MONTHS_AHEAD)
    if day is None:
        return [Problem("start_le", f"{quoted(text)} n'est pas une date ; par exemple 2027-09-01")]
    if not today <= day <= last:
        return [Problem("start_le", f"{day} n'est pas entre aujourd'hui et le {last}")]
    return []


def _entreprise_problems(request: matcha_pb2.CreateBesoinRequest) -> list[Problem]:
    return [
        *siret_problems("siret", request.siret),
        *(naf_problems("naf", request.naf) if request.naf else ()),
        *(idcc_problems("idcc", request.idcc) if request.idcc else ()),
    ]


def _lieu_problems(lieu: geo_pb2.Lieu) -> list[Problem]:
    if lieu.HasField("point"):
        problems = point_problems("lieu.point", Point(lieu.point.latitude, lieu.point.longitude))
    else:
        problems = [Problem("lieu.point", "obligatoire : la latitude et la longitude du lieu de travail")]
    return [
        *problems,
        *(code_postal_problems("lieu.code_postal", lieu.code_postal) if lieu.code_postal else ()),
        *(insee_problems("lieu.insee", lieu.insee) if lieu.insee else ()),
        *(departement_problems("lieu.departement", lieu.departement) if lieu.departement else ()),
    ]


def _contact_problems(contact: matcha_pb2.Contact) -> list[Problem]:
    return [
        *email_problems("contact.email", contact.email),
        *(telephone_problems("contact.telephone", contact.telephone) if contact.telephone else ()),
    ]

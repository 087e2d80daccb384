"""Finds the problems of requests, field by field."""

from __future__ import annotations

import re
from datetime import date

from protos import geo_pb2, matcha_pb2
from services.common.checks import (
    enum_problems,
    first_problems,
    line_problems,
    range_problems,
    text_problems,
)
from services.common.errors import Problem
from services.common.idempotency import key_problems
from services.common.texts import quoted
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
MAX_DESCRIPTION = 5_000
MAX_QUANTITE = 10
DUREE_MOIS = (6, 36)
MONTHS_AHEAD = 24

_EMAIL_OR_LINK = re.compile(
    r"\S@\S+\.\S|https?:|www\.|\b[\w-]+\.(?:fr|com|net|org|eu|io|info|biz)\b", re.IGNORECASE
)


def search_problems(request: matcha_pb2.SearchBesoinsRequest) -> list[Problem]:
    """All problems except those of the zone and of the cursor."""
    return [
        *romes_problems("romes", request.romes),
        *niveau_problems("niveau", request.niveau),
        *enum_problems("sort", request.sort, matcha_pb2.BesoinSort.DESCRIPTOR, "un ordre connu"),
        *first_problems(request.first),
    ]


def depot_problems(request: matcha_pb2.CreateBesoinRequest, today: date) -> list[Problem]:
    """The problems of a posted need."""
    return [
        *_annonce_problems(request, today),
        *_entreprise_problems(request),
        *_lieu_problems(request.lieu),
        *_contact_problems(request.contact),
        *key_problems(request),
    ]


def _annonce_problems(request: matcha_pb2.CreateBesoinRequest, today: date) -> list[Problem]:
    problems = [
        *_intitule_problems(request.intitule),
        *text_problems("description", request.description, 0, MAX_DESCRIPTION),
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


def _intitule_problems(intitule: str) -> list[Problem]:
    problems = line_problems("intitule", intitule, 3, 150)
    if not problems and _EMAIL_OR_LINK.search(intitule):
        message = "contient une adresse de courriel ou un lien ; les candidats écrivent par le service"
        return [Problem("intitule", message)]
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
        *line_problems("raison_sociale", request.raison_sociale, 1, 200),
        *line_problems("enseigne", request.enseigne, 0, 200),
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
        *line_problems("lieu.adresse", lieu.adresse, 0, 200),
        *line_problems("lieu.commune", lieu.commune, 0, 100),
        *(code_postal_problems("lieu.code_postal", lieu.code_postal) if lieu.code_postal else ()),
        *(insee_problems("lieu.insee", lieu.insee) if lieu.insee else ()),
        *(departement_problems("lieu.departement", lieu.departement) if lieu.departement else ()),
    ]


def _contact_problems(contact: matcha_pb2.Contact) -> list[Problem]:
    return [
        *line_problems("contact.prenom", contact.prenom, 1, 50),
        *line_problems("contact.nom", contact.nom, 1, 50),
        *email_problems("contact.email", contact.email),
        *(telephone_problems("contact.telephone", contact.telephone) if contact.telephone else ()),
    ]

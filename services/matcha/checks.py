"""What a recruiter posts: every field of the request checked, every problem found at once."""

from __future__ import annotations

import re
from datetime import date

from protos import geo_pb2, matcha_pb2
from services.common.errors import InvalidRequest, Problem
from services.common.idempotency import idempotency_of
from services.france.fields import (
    email_problems,
    key_problems,
    line_problems,
    telephone_digits,
    telephone_problems,
    text_problems,
)
from services.france.geo import Point, point_problems
from services.matcha.besoin import Annonce, Contact, Contrat, Depot, Entreprise, Lieu, Rythme, add_months
from services.matcha.convert import read_niveau, read_romes
from services.matcha.siret import is_valid_siret

MAX_ROMES = 10
MAX_DESCRIPTION = 5_000
QUANTITE = range(1, 11)
DUREE_MOIS = range(6, 37)
MONTHS_AHEAD = 24

_NAF = re.compile(r"[0-9]{4}[A-Z]")
_IDCC = re.compile(r"[0-9]{1,4}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSEE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
_CODE_POSTAL = re.compile(r"[0-9]{5}")
_DEPARTEMENT = re.compile(r"[0-9]{2,3}|2[AB]")
_EMAIL_OR_LINK = re.compile(
    r"\S@\S+\.\S|https?:|www\.|\b[\w-]+\.(?:fr|com|net|org|eu|io|info|biz)\b", re.IGNORECASE
)


def depot_from_proto(request: matcha_pb2.CreateBesoinRequest, today: date) -> Depot:
    """What is posted. Raises InvalidRequest with everything that is wrong."""
    problems: list[Problem] = []
    depot = Depot(
        annonce=_read_annonce(request, today, problems),
        contact=_read_contact(request.contact, problems),
        idcc=_read_idcc(request.idcc, problems),
        idempotency=idempotency_of(request, "cle_idempotence"),
    )
    if request.HasField("cle_idempotence"):
        problems += key_problems("cle_idempotence", request.cle_idempotence)
    if problems:
        raise InvalidRequest(problems)
    return depot


def _read_annonce(request: matcha_pb2.CreateBesoinRequest, today: date, problems: list[Problem]) -> Annonce:
    problems += _intitule_problems(request.intitule)
    problems += text_problems("description", request.description, 0, MAX_DESCRIPTION)
    return Annonce(
        intitule=request.intitule.strip(),
        romes=read_romes(request.romes, MAX_ROMES, problems),
        entreprise=_read_entreprise(request, problems),
        lieu=_read_lieu(request, problems),
        contrats=_read_contrats(request, problems),
        quantite=_read_quantite(request.quantite, problems),
        description=request.description.strip() or None,
        niveau=read_niveau(request.niveau, problems),
        rythme=_read_rythme(request.rythme, problems),
        duree_mois=_read_duree(request, problems),
        start_le=_read_start(request.start_le, today, problems),
    )


def _intitule_problems(intitule: str) -> list[Problem]:
    problems = line_problems("intitule", intitule, 3, 150)
    if not problems and _EMAIL_OR_LINK.search(intitule):
        message = "contient une adresse électronique ou un lien ; les candidats écrivent par le service"
        return [Problem("intitule", message)]
    return problems


def _read_entreprise(request: matcha_pb2.CreateBesoinRequest, problems: list[Problem]) -> Entreprise:
    if not is_valid_siret(request.siret):
        message = f"« {request.siret} » n'est pas un SIRET : 14 chiffres, dont le dernier est une clé"
        problems.append(Problem("siret", message))
    problems += line_problems("raison_sociale", request.raison_sociale, 1, 200)
    problems += line_problems("enseigne", request.enseigne, 0, 200)
    if request.naf and not _NAF.fullmatch(request.naf):
        problems.append(Problem("naf", f"« {request.naf} » n'est pas un code NAF ; par exemple 1071C"))
    return Entreprise(
        siret=request.siret,
        raison_sociale=request.raison_sociale.strip(),
        enseigne=request.enseigne.strip() or None,
        naf=request.naf or None,
    )


def _read_lieu(request: matcha_pb2.CreateBesoinRequest, problems: list[Problem]) -> Lieu:
    lieu = request.lieu
    point = Point(lieu.point.latitude, lieu.point.longitude)
    if lieu.HasField("point"):
        problems += point_problems("lieu.point", point)
    else:
        problems.append(Problem("lieu.point", "obligatoire : la latitude et la longitude du lieu de travail"))
    problems += line_problems("lieu.adresse", lieu.adresse, 0, 200)
    problems += line_problems("lieu.commune", lieu.commune, 0, 100)
    for name, value, pattern, example in (
        ("code_postal", lieu.code_postal, _CODE_POSTAL, "75011"),
        ("insee", lieu.insee, _INSEE, "75111"),
        ("departement", lieu.departement, _DEPARTEMENT, "75"),
    ):
        if value and not pattern.fullmatch(value):
            problems.append(Problem(f"lieu.{name}", f"« {value} » ne convient pas ; par exemple {example}"))
    return Lieu(
        point=point,
        adresse=lieu.adresse.strip() or None,
        code_postal=lieu.code_postal or None,
        insee=lieu.insee or None,
        commune=lieu.commune.strip() or None,
        departement=_departement(lieu),
    )


def _departement(lieu: geo_pb2.Lieu) -> str | None:
    if lieu.insee:
        return departement_of(lieu.insee)
    return lieu.departement or None


def departement_of(insee: str) -> str:
    """A commune's code begins with its departement's: two characters, three overseas."""
    return insee[:3] if insee.startswith(("97", "98")) else insee[:2]


def _read_contrats(request: matcha_pb2.CreateBesoinRequest, problems: list[Problem]) -> tuple[Contrat, ...]:
    contrats = []
    for place, number in enumerate(request.contrats):
        if number in matcha_pb2.BesoinContrat.values() and number:
            contrats.append(Contrat(matcha_pb2.BesoinContrat.Name(number).removeprefix("BESOIN_CONTRAT_")))
        else:
            message = f"{number} n'est pas un contrat : apprentissage ou professionnalisation"
            problems.append(Problem(f"contrats[{place}]", message))
    return tuple(dict.fromkeys(contrats)) or (Contrat.APPRENTISSAGE,)


def _read_rythme(number: matcha_pb2.Rythme.ValueType, problems: list[Problem]) -> Rythme | None:
    if number not in matcha_pb2.Rythme.values():
        problems.append(Problem("rythme", f"{number} n'est pas un rythme connu"))
        return None
    return Rythme(matcha_pb2.Rythme.Name(number).removeprefix("RYTHME_")) if number else None


def _read_quantite(quantite: int, problems: list[Problem]) -> int:
    if quantite and quantite not in QUANTITE:
        problems.append(Problem("quantite", f"{quantite} n'est pas entre 1 et 10"))
    return quantite or 1


def _read_duree(request: matcha_pb2.CreateBesoinRequest, problems: list[Problem]) -> int | None:
    if not request.HasField("duree_mois"):
        return None
    if request.duree_mois not in DUREE_MOIS:
        problems.append(Problem("duree_mois", f"{request.duree_mois} n'est pas entre 6 et 36 mois"))
    return request.duree_mois


def _read_start(text: str, today: date, problems: list[Problem]) -> date | None:
    if not text:
        return None
    try:
        # fromisoformat reads other forms of ISO 8601 too.
        day = date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        problems.append(Problem("start_le", f"« {text} » n'est pas une date ; par exemple 2027-09-01"))
        return None
    last = add_months(today, MONTHS_AHEAD)
    if not today <= day <= last:
        problems.append(Problem("start_le", f"{day} n'est pas entre aujourd'hui et le {last}"))
    return day


def _read_contact(contact: matcha_pb2.Contact, problems: list[Problem]) -> Contact:
    problems += line_problems("contact.prenom", contact.prenom, 1, 50)
    problems += line_problems("contact.nom", contact.nom, 1, 50)
    problems += email_problems("contact.email", contact.email)
    if contact.telephone:
        problems += telephone_problems("contact.telephone", contact.telephone)
    return Contact(
        prenom=contact.prenom.strip(),
        nom=contact.nom.strip(),
        email=contact.email,
        telephone=telephone_digits(contact.telephone) or None,
    )


def _read_idcc(idcc: str, problems: list[Problem]) -> str | None:
    if idcc and not _IDCC.fullmatch(idcc):
        problems.append(Problem("idcc", f"« {idcc} » n'est pas un IDCC : de 1 à 4 chiffres"))
        return None
    return str(int(idcc)) if idcc else None

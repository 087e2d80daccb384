"""Reads offers from the partner's JSON, in which every field may be missing or wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from services.common.errors import UpstreamUnavailable
from services.common.texts import Kind
from services.france.codes import departement_of, has_siret_shape
from services.france.communes import Communes
from services.france.geo import Point
from services.france.lieu import Lieu, known_point
from services.jobs.labels import (
    public_text,
    read_contrat_type,
    read_libelle,
    read_niveaux,
    readable_name,
    web_address,
)
from services.jobs.offre import Contrat, Entreprise, Offre, has_offre_form

DETAIL_URL = "https://candidat.francetravail.fr/offres/recherche/detail/"
SIMULATION = "SIMULATION"
"""Name of the origin partner on all offers of the sandbox, and on none of the real API."""

_CONTENT_RANGE = re.compile(r"\s*(?:offres\s+)?(?:\*|-?[0-9]+-+[0-9]+)/([0-9]{1,9})\s*")


def _offre_id(text: str) -> str:
    if not has_offre_form(text):
        raise ValueError("no id of an offer")
    return text


class _LieuTravail(BaseModel):
    libelle: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    code_postal: str | None = Field(default=None, alias="codePostal")
    commune: str | None = None


class _Entreprise(BaseModel):
    nom: str | None = None
    # This field is not in the public schema: the API sends it to partners with an agreement.
    siret: str | None = None
    description: str | None = None
    url: str | None = None


class _Formation(BaseModel):
    niveau: str | None = Field(default=None, alias="niveauLibelle")


class _Partenaire(BaseModel):
    nom: str | None = None


class _Origine(BaseModel):
    url: str | None = Field(default=None, alias="urlOrigine")
    partenaires: list[_Partenaire] | None = None


class _Row(BaseModel):
    # An offer that is shown can be asked for by its id.
    id: Annotated[str, AfterValidator(_offre_id)]
    intitule: str = Field(pattern=r"\S")
    description: str | None = None
    date_creation: datetime | None = Field(default=None, alias="dateCreation")
    date_actualisation: datetime | None = Field(default=None, alias="dateActualisation")
    lieu: _LieuTravail | None = Field(default=None, alias="lieuTravail")
    rome: str | None = Field(default=None, alias="romeCode")
    rome_libelle: str | None = Field(default=None, alias="romeLibelle")
    # The schema writes this name with a small l; answers with a capital L were seen.
    appellation: str | None = Field(default=None, alias="appellationlibelle")
    appellation_capital: str | None = Field(default=None, alias="appellationLibelle")
    entreprise: _Entreprise | None = None
    type_contrat: str | None = Field(default=None, alias="typeContratLibelle")
    nature_contrat: str | None = Field(default=None, alias="natureContrat")
    duree_travail: str | None = Field(default=None, alias="dureeTravailLibelle")
    formations: list[_Formation] | None = None
    nombre_postes: int | None = Field(default=None, alias="nombrePostes", ge=-(2**31), lt=2**31)
    origine: _Origine | None = Field(default=None, alias="origineOffre")


@dataclass(frozen=True)
class Page:
    """A page of results."""

    offres: tuple[Offre, ...] = ()
    total: int | None = 0
    """Number of offers on all pages; None if the partner does not give it."""
    unreadable: int = 0
    """Number of rows that do not follow the contract, and are left out."""


def read_page(body: bytes, content_range: str | None, communes: Communes) -> Page:
    """The page in the body of a 200 or 206. Raises UpstreamUnavailable if it is not a page."""
    answer = read_json(body)
    rows = answer.get("resultats") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise UpstreamUnavailable("France Travail a répondu autre chose qu'une page d'offres")
    read = [read_offre(row, communes) for row in rows]
    offres = tuple(offre for offre in read if offre is not None)
    return Page(offres, read_total(content_range), len(read) - len(offres))


def read_detail(body: bytes, communes: Communes) -> Offre:
    """The offer in the body of a 200. Raises UpstreamUnavailable if it is not an offer."""
    offre = read_offre(read_json(body), communes)
    if offre is None:
        raise UpstreamUnavailable("France Travail a répondu autre chose qu'une offre")
    return offre


def read_json(body: bytes) -> Any:
    """The JSON value of a body. Raises UpstreamUnavailable if it is not JSON, or truncated."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UpstreamUnavailable("France Travail a répondu autre chose que du JSON") from error


def read_total(content_range: str | None) -> int | None:
    """Number of results in `offres 0-149/353` or `*/0`; None when the header is missing or unreadable."""
    match = _CONTENT_RANGE.fullmatch(content_range or "")
    return int(match[1]) if match else None


def read_offre(raw: object, communes: Communes) -> Offre | None:
    """The offer in one row, or None when the row does not follow the contract.

    Contacts are not read, and texts that look like a contact are masked: candidates apply on the page of the
    offer.
    """
    try:
        row = _Row.model_validate(raw)
    except ValidationError:
        return None
    intitule = public_text(row.intitule, Kind.TITLE)
    if intitule is None:
        return None
    origine = row.origine or _Origine()
    return Offre(
        id=row.id,
        intitule=intitule,
        description=public_text(row.description, Kind.DESCRIPTION),
        rome=_text(row.rome),
        rome_libelle=_text(row.rome_libelle),
        appellation=_text(row.appellation) or _text(row.appellation_capital),
        entreprise=_entreprise(row.entreprise or _Entreprise()),
        contrat=Contrat(
            read_contrat_type(row.nature_contrat), _text(row.type_contrat), _text(row.duree_travail)
        ),
        lieu=_lieu(row.lieu or _LieuTravail(), communes),
        publiee_le=_instant(row.date_creation),
        actualisee_le=_instant(row.date_actualisation),
        url=web_address(origine.url) or DETAIL_URL + row.id,
        nombre_postes=row.nombre_postes if (row.nombre_postes or 0) > 0 else None,
        niveaux=read_niveaux(each.niveau for each in row.formations or ()),
        fictive=any(each.nom == SIMULATION for each in origine.partenaires or ()),
    )


def _entreprise(row: _Entreprise) -> Entreprise:
    siret = "".join((row.siret or "").split())
    return Entreprise(
        nom=public_text(row.nom, Kind.LABEL),
        siret=siret if has_siret_shape(siret) else None,
        description=public_text(row.description, Kind.DESCRIPTION),
        url=web_address(row.url),
    )


def _lieu(row: _LieuTravail, communes: Communes) -> Lieu:
    departement, name = read_libelle(row.libelle)
    commune = communes.get(row.commune or "")
    if commune is None and departement and name:
        commune = communes.named(departement, name)
    insee = commune.insee if commune else _text(row.commune)
    if insee:
        departement = departement_of(insee) or departement
    point = _point(row)
    if point is None and commune is not None:
        point = communes.point_of(commune)
    return Lieu(
        code_postal=_text(row.code_postal),
        insee=insee,
        commune=commune.nom if commune else readable_name(name) if name else None,
        departement=departement,
        point=point,
    )


def _point(row: _LieuTravail) -> Point | None:
    if row.latitude is None or row.longitude is None:
        return None
    return known_point(row.latitude, row.longitude)


def _text(text: str | None) -> str | None:
    return (text or "").strip() or None


def _instant(date: datetime | None) -> datetime | None:
    if date is None or date.tzinfo is None:
        return date and date.replace(tzinfo=UTC)
    try:
        return date.astimezone(UTC)
    except OverflowError:
        # The start of the year 1 in Paris is before the first year of UTC that datetime can hold.
        return None

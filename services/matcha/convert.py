"""Converts between the messages of `protos/matcha.proto` and the domain."""

from __future__ import annotations

from pydantic import FiniteFloat, TypeAdapter

from protos import diplome_pb2, geo_pb2, matcha_pb2
from services.common.checks import raise_if_any
from services.common.cursor import decode_cursor, encode_cursor, search_digest
from services.common.errors import InvalidRequest, Problem
from services.common.idempotency import idempotency_of
from services.france.clock import read_day, rfc3339
from services.france.codes import departement_of, normal_idcc
from services.france.convert import lieu_to_proto, point_from_proto, read_zone
from services.france.fields import telephone_digits
from services.france.geo import Zone
from services.france.lieu import Lieu
from services.matcha.besoin import (
    Annonce,
    Besoin,
    Contact,
    Contrat,
    Depot,
    Entreprise,
    Rythme,
    Statut,
)
from services.matcha.checks import search_problems
from services.matcha.search import Criteria, Key, Row, Sort

_KEYS: dict[Sort, TypeAdapter[Key]] = {
    Sort.DISTANCE: TypeAdapter(tuple[FiniteFloat, str]),
    Sort.DATE: TypeAdapter(tuple[int, str]),
}


def criteria_from_proto(request: matcha_pb2.SearchBesoinsRequest) -> Criteria:
    """The criteria of a search. Raises InvalidRequest with every problem."""
    problems = search_problems(request)
    zone = read_zone(request.zone, problems) if request.HasField("zone") else Zone()
    by_date = request.sort == matcha_pb2.BESOIN_SORT_DATE or zone.origin is None
    sort = Sort.DATE if by_date else Sort.DISTANCE
    after = _read_after(request, sort, problems)
    raise_if_any(problems)
    romes = tuple(dict.fromkeys(request.romes))
    return Criteria(romes, zone, sort, request.niveau or None, request.first, after)


def _read_after(request: matcha_pb2.SearchBesoinsRequest, sort: Sort, problems: list[Problem]) -> Key | None:
    if not request.after:
        return None
    try:
        return decode_cursor(request.after, search_digest(request), _KEYS[sort])
    except InvalidRequest as error:
        problems += error.problems
        return None


def depot_from_proto(request: matcha_pb2.CreateBesoinRequest) -> Depot:
    """What a request posts; its texts are normalised."""
    return Depot(
        annonce=_annonce_from_proto(request),
        contact=_contact_from_proto(request.contact),
        idcc=normal_idcc(request.idcc) if request.idcc else None,
        idempotency=idempotency_of(request),
    )


def _annonce_from_proto(request: matcha_pb2.CreateBesoinRequest) -> Annonce:
    return Annonce(
        intitule=request.intitule,
        romes=tuple(dict.fromkeys(request.romes)),
        entreprise=_entreprise_from_proto(request),
        lieu=_lieu_from_proto(request.lieu),
        contrats=_contrats_from_proto(request),
        quantite=request.quantite or 1,
        description=request.description or None,
        niveau=request.niveau or None,
        rythme=_rythme_from_proto(request.rythme),
        duree_mois=request.duree_mois if request.HasField("duree_mois") else None,
        start_le=read_day(request.start_le),
    )


def _entreprise_from_proto(request: matcha_pb2.CreateBesoinRequest) -> Entreprise:
    return Entreprise(
        siret=request.siret,
        raison_sociale=request.raison_sociale,
        enseigne=request.enseigne or None,
        naf=request.naf or None,
    )


def _lieu_from_proto(lieu: geo_pb2.Lieu) -> Lieu:
    return Lieu(
        point=point_from_proto(lieu.point),
        adresse=lieu.adresse or None,
        code_postal=lieu.code_postal or None,
        insee=lieu.insee or None,
        commune=lieu.commune or None,
        departement=departement_of(lieu.insee) or lieu.departement or None,
    )


def _contrats_from_proto(request: matcha_pb2.CreateBesoinRequest) -> tuple[Contrat, ...]:
    names = map(matcha_pb2.BesoinContrat.Name, request.contrats)
    contrats = dict.fromkeys(Contrat(name.removeprefix("BESOIN_CONTRAT_")) for name in names)
    return tuple(contrats) or (Contrat.APPRENTISSAGE,)


def _rythme_from_proto(number: matcha_pb2.Rythme.ValueType) -> Rythme | None:
    return Rythme(matcha_pb2.Rythme.Name(number).removeprefix("RYTHME_")) if number else None


def _contact_from_proto(contact: matcha_pb2.Contact) -> Contact:
    return Contact(
        prenom=contact.prenom,
        nom=contact.nom,
        email=contact.email,
        telephone=telephone_digits(contact.telephone) or None,
    )


def row_to_edge(besoin: Besoin, row: Row, digest: str) -> matcha_pb2.BesoinEdge:
    return matcha_pb2.BesoinEdge(
        cursor=encode_cursor(digest, row.key),
        node=besoin_to_proto(besoin),
        distance_km=None if row.distance_km is None else round(row.distance_km, 2),
    )


def besoin_to_proto(besoin: Besoin) -> matcha_pb2.BesoinMatcha:
    annonce, entreprise = besoin.annonce, besoin.annonce.entreprise
    return matcha_pb2.BesoinMatcha(
        id=besoin.id,
        intitule=annonce.intitule,
        description=annonce.description,
        romes=annonce.romes,
        # The numbers of the enum are the levels.
        niveau=diplome_pb2.Niveau.ValueType(annonce.niveau or 0),
        opco=besoin.opco,
        entreprise=matcha_pb2.EntrepriseBesoin(
            siret=entreprise.siret,
            raison_sociale=entreprise.raison_sociale,
            enseigne=entreprise.enseigne,
            naf=entreprise.naf,
        ),
        lieu=lieu_to_proto(annonce.lieu),
        contrats=[contrat_to_proto(contrat) for contrat in annonce.contrats],
        rythme=rythme_to_proto(annonce.rythme),
        duree_mois=annonce.duree_mois,
        quantite=annonce.quantite,
        start_le=annonce.start_le.isoformat() if annonce.start_le else None,
        cree_le=rfc3339(besoin.cree_le),
        expire_le=rfc3339(besoin.expire_le),
        statut=statut_to_proto(besoin.statut),
        fictive=besoin.fictive,
    )


def statut_to_proto(statut: Statut) -> matcha_pb2.BesoinStatut.ValueType:
    return matcha_pb2.BesoinStatut.Value(f"BESOIN_STATUT_{statut}")


def contrat_to_proto(contrat: Contrat) -> matcha_pb2.BesoinContrat.ValueType:
    return matcha_pb2.BesoinContrat.Value(f"BESOIN_CONTRAT_{contrat}")


def rythme_to_proto(rythme: Rythme | None) -> matcha_pb2.Rythme.ValueType:
    return matcha_pb2.Rythme.Value(f"RYTHME_{rythme or 'UNSPECIFIED'}")

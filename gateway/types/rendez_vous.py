"""Appointments with a training centre."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, cast

import strawberry

from gateway.context import Info
from gateway.errors import on_input
from gateway.execution.binding import all_shown, bind, bind_enum, parse_global_id, shown
from gateway.execution.row_fields import ROW_FIELD
from gateway.upstream.loaders import PREFETCHED_CRENEAUX
from protos import rdv_pb2 as pb
from services.common.errors import InvalidRequest, Problem

_MAX_CRENEAUX = 50


@bind(pb.Creneau, description="Un créneau proposé par un CFA.")
class Creneau:
    """Bound to lba.rdv.v1.Creneau."""

    id: strawberry.ID = strawberry.field(description="À donner à `bookRendezVous`.")
    start: str = strawberry.field(description="Début (RFC 3339).")
    end: str = strawberry.field(description="Fin (RFC 3339).")


def _next_creneaux(
    root: strawberry.Parent[pb.FormationCreneaux],
    info: Info,
    first: Annotated[int, strawberry.argument(description="Nombre de créneaux, de 0 à 50.")] = 3,
) -> list[Creneau]:
    if not 0 <= first <= _MAX_CRENEAUX:
        raise InvalidRequest([Problem("first", f"{first} n'est pas entre 0 et {_MAX_CRENEAUX}")])
    if first <= PREFETCHED_CRENEAUX:
        return all_shown(Creneau, root.creneaux[:first])
    # Not `async` for the few: a row that waits costs more than its slots.
    return cast("list[Creneau]", _more_creneaux(root, info, first))


async def _more_creneaux(root: pb.FormationCreneaux, info: Info, first: int) -> list[Creneau]:
    more = await info.context.loaders.creneaux(first).load(root.formation_id)
    return all_shown(Creneau, more.creneaux)


@bind(pb.FormationCreneaux, description="La prise de rendez-vous pour une formation.")
class RendezVousFormation:
    """Bound to lba.rdv.v1.FormationCreneaux."""

    open: bool = strawberry.field(description="Vrai si le CFA prend des rendez-vous pour cette formation.")
    next_creneaux: list[Creneau] = strawberry.field(
        resolver=_next_creneaux,
        metadata=ROW_FIELD,
        description="Les prochains créneaux libres, dans l'ordre du temps.",
    )


@bind_enum(pb.RendezVousStatut, description="État d'un rendez-vous.")
class RendezVousStatut(Enum):
    """Bound to lba.rdv.v1.RendezVousStatut."""

    CONFIRME = strawberry.enum_value(1, description="Réservé : le créneau n'est plus à personne d'autre.")


@bind(pb.RendezVous, description="Un rendez-vous réservé. Il ne montre aucune donnée personnelle.")
class RendezVous:
    """Bound to lba.rdv.v1.RendezVous."""

    id: strawberry.ID = strawberry.field(description="Identifiant, à garder : il ne se devine pas.")
    siret: str = strawberry.field(description="SIRET du CFA.")
    creneau: Creneau = strawberry.field(description="Le créneau réservé.")
    statut: RendezVousStatut | None = strawberry.field(description="État du rendez-vous.")
    cree_le: str = strawberry.field(description="Instant de la réservation (RFC 3339).")


@bind_enum(pb.RendezVousRefusCode, description="Pourquoi un rendez-vous est refusé.")
class RendezVousRefusCode(Enum):
    """Bound to lba.rdv.v1.RendezVousRefusCode."""

    CRENEAU_PRIS = strawberry.enum_value(1, description="Quelqu'un a été plus rapide.")
    CRENEAU_INDISPONIBLE = strawberry.enum_value(2, description="Ce créneau n'existe pas, ou a commencé.")
    FORMATION_FERMEE = strawberry.enum_value(
        3, description="Le CFA ne prend pas de rendez-vous pour cette formation."
    )
    DEJA_DEMANDE = strawberry.enum_value(
        4, description="La même personne a déjà demandé cette formation il y a moins de 4 jours."
    )
    CLE_DEJA_UTILISEE = strawberry.enum_value(
        5, description="La clé d'idempotence a servi à un autre rendez-vous."
    )


@bind(pb.RendezVousRefuse, description="Un refus auquel le candidat peut répondre.")
class RendezVousRefuse:
    """Bound to lba.rdv.v1.RendezVousRefuse."""

    code: RendezVousRefusCode | None = strawberry.field(description="La raison.")
    message: str = strawberry.field(description="La raison, pour la personne.")
    creneaux: list[Creneau] = strawberry.field(description="Les prochains créneaux libres, 3 au plus.")


BookRendezVousResult = Annotated[
    RendezVous | RendezVousRefuse,
    strawberry.union("BookRendezVousResult", description="Le rendez-vous, ou pourquoi il est refusé."),
]


@strawberry.input(description="Qui demande le rendez-vous.")
class CandidatInput:
    """Checked by the rdv service."""

    prenom: str = strawberry.field(description="1 à 50 caractères.")
    nom: str = strawberry.field(description="1 à 50 caractères.")
    email: str = strawberry.field(description="Adresse où le CFA répond.")
    telephone: str | None = strawberry.field(default=None, description="Numéro français, 10 chiffres.")


@strawberry.input(description="Une demande de rendez-vous.")
class BookRendezVousInput:
    """Checked by the rdv service."""

    formation_id: strawberry.ID = strawberry.field(description="Identifiant global de la formation.")
    creneau_id: strawberry.ID = strawberry.field(description="Identifiant d'un créneau libre.")
    candidat: CandidatInput = strawberry.field(description="Qui demande le rendez-vous.")
    message: str | None = strawberry.field(
        default=None, description="Message au CFA, 2000 caractères au plus."
    )
    cle_idempotence: str | None = strawberry.field(
        default=None,
        description="8 à 100 caractères choisis par le client : la même clé redonne le même rendez-vous.",
    )


async def _book_rendez_vous(
    info: Info,
    input: Annotated[BookRendezVousInput, strawberry.argument(description="La demande.")],  # noqa: A002 - Relay's name
) -> BookRendezVousResult:
    parsed = parse_global_id(input.formation_id)
    if parsed is None or parsed[0] != "Formation":
        message = "n'est pas l'identifiant d'une formation ; donner le champ id d'une Formation"
        raise InvalidRequest([Problem("input.formationId", message)])
    rdv = info.context.clients.rdv
    request = pb.BookRendezVousRequest(
        formation_id=parsed[1],
        creneau_id=input.creneau_id,
        candidat=pb.Candidat(
            prenom=input.candidat.prenom,
            nom=input.candidat.nom,
            email=input.candidat.email,
            telephone=input.candidat.telephone,
        ),
        message=input.message,
        cle_idempotence=input.cle_idempotence,
    )
    try:
        answer = await rdv.write(rdv.stub.BookRendezVous, request)
    except InvalidRequest as error:
        raise on_input(error) from error
    if answer.HasField("refuse"):
        return shown(RendezVousRefuse, answer.refuse)
    return shown(RendezVous, answer.rendez_vous)


@strawberry.type
class RendezVousMutation:
    """Fields of Mutation."""

    book_rendez_vous: BookRendezVousResult = strawberry.field(
        resolver=_book_rendez_vous,
        description="Réserve un créneau : de deux demandes du même créneau, une seule réussit.",
    )

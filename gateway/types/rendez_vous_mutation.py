"""Booking an appointment."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import strawberry

from gateway.arguments import on_arguments
from gateway.context import Info
from gateway.execution.binding import as_type, bind, bind_enum, parse_global_id
from gateway.execution.cost_directives import holds, weighs
from gateway.types.rendez_vous import Creneau, RendezVous
from protos import rdv_pb2 as pb
from protos.services import RDV
from services.common.errors import InvalidRequest, Problem


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
    LIMITE_ATTEINTE = strawberry.enum_value(
        6, description="Trop de rendez-vous demandés ; le message dit jusqu'à quand."
    )


@bind(pb.RendezVousRefuse, description="Un refus auquel le candidat peut répondre.")
class RendezVousRefuse:
    """Bound to lba.rdv.v1.RendezVousRefuse."""

    code: RendezVousRefusCode | None = strawberry.field(description="La raison.")
    message: str = strawberry.field(description="La raison, pour la personne.")
    creneaux: list[Creneau] = strawberry.field(
        directives=[holds(3)], description="Les prochains créneaux libres, 3 au plus."
    )


BookRendezVousResult = Annotated[
    RendezVous | RendezVousRefuse,
    strawberry.union("BookRendezVousResult", description="Le rendez-vous, ou pourquoi il est refusé."),
]


@strawberry.input(description="Qui demande le rendez-vous.")
class CandidatInput:
    """Checked by the rdv service."""

    prenom: str = strawberry.field(description="1 à 50 caractères.")
    nom: str = strawberry.field(description="1 à 50 caractères.")
    email: str = strawberry.field(description="Adresse de courriel où le CFA répond.")
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
        description="8 à 100 caractères choisis par le client : la même clé redonne le même rendez-vous.",
    )


async def _book_rendez_vous(
    info: Info,
    input: Annotated[BookRendezVousInput, strawberry.argument(description="La demande.")],  # noqa: A002 - Relay's name
) -> BookRendezVousResult:
    parsed = parse_global_id(input.formation_id)
    if parsed is None or parsed[0] != "Formation":
        message = "n'est pas l'identifiant d'une formation ; donnez le champ id d'une Formation"
        raise InvalidRequest([Problem("input.formationId", message)])
    rdv = info.context.clients[RDV]
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
        raise on_arguments(error, input=BookRendezVousInput) from error
    if answer.HasField("refuse"):
        return as_type(RendezVousRefuse, answer.refuse)
    return as_type(RendezVous, answer.rendez_vous)


@strawberry.type
class RendezVousMutation:
    """Fields of Mutation."""

    book_rendez_vous: BookRendezVousResult = strawberry.field(
        directives=[weighs(200)],
        resolver=_book_rendez_vous,
        description="Réserve un créneau : de deux demandes du même créneau, une seule réussit.",
    )

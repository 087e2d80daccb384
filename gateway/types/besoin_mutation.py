"""Posting a need."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import strawberry

from gateway.arguments import on_arguments
from gateway.context import Info
from gateway.execution.binding import as_type, bind, bind_enum, wire_number
from gateway.execution.cost_directives import weighs
from gateway.types.besoin import BesoinContrat, BesoinMatcha, Rythme
from gateway.types.lieu import PointInput
from gateway.types.niveau import Niveau
from gateway.types.scalars import Date
from protos import geo_pb2
from protos import matcha_pb2 as pb
from protos.services import MATCHA
from services.common.errors import InvalidRequest


@bind_enum(pb.BesoinRefusCode, description="Pourquoi un besoin est refusé.")
class BesoinRefusCode(Enum):
    """Bound to lba.matcha.v1.BesoinRefusCode."""

    LIMITE_ATTEINTE = strawberry.enum_value(
        1, description="Trop de besoins déposés sans jeton ; le message dit jusqu'à quand."
    )
    CLE_DEJA_UTILISEE = strawberry.enum_value(
        2, description="La clé d'idempotence a servi à un autre besoin."
    )


@bind(pb.BesoinRefuse, description="Un refus auquel le recruteur peut répondre.")
class BesoinRefuse:
    """Bound to lba.matcha.v1.BesoinRefuse."""

    code: BesoinRefusCode | None = strawberry.field(description="La raison.")
    message: str = strawberry.field(description="La raison, pour la personne.")


CreateBesoinResult = Annotated[
    BesoinMatcha | BesoinRefuse,
    strawberry.union("CreateBesoinResult", description="Le besoin, ou pourquoi il est refusé."),
]


@strawberry.input(description="Où est le travail.")
class LieuInput:
    """Checked by the matcha service."""

    adresse: str | None = strawberry.field(default=None, description="Numéro et voie.")
    code_postal: str | None = strawberry.field(default=None, description="Cinq chiffres.")
    insee: str | None = strawberry.field(default=None, description="Code INSEE de la commune.")
    commune: str | None = strawberry.field(default=None, description="Nom de la commune.")
    departement: str | None = strawberry.field(default=None, description="Code du département.")
    point: PointInput = strawberry.field(description="Coordonnées : les distances vont jusque-là.")


@strawberry.input(description="Comment joindre l'entreprise. Ne sort jamais du service.")
class ContactInput:
    """Checked by the matcha service."""

    prenom: str = strawberry.field(description="1 à 50 caractères.")
    nom: str = strawberry.field(description="1 à 50 caractères.")
    email: str = strawberry.field(description="Adresse de courriel.")
    telephone: str | None = strawberry.field(default=None, description="Numéro français, 10 chiffres.")


@strawberry.input(description="Un besoin à déposer.")
class CreateBesoinInput:
    """Checked by the matcha service."""

    siret: str = strawberry.field(description="SIRET de l'entreprise, 14 chiffres.")
    raison_sociale: str = strawberry.field(description="Raison sociale de l'entreprise.")
    enseigne: str | None = strawberry.field(default=None, description="Enseigne.")
    naf: str | None = strawberry.field(default=None, description="Code d'activité (NAF rév. 2).")
    idcc: str | None = strawberry.field(
        default=None, description="Convention collective (IDCC) : l'OPCO s'en déduit."
    )
    lieu: LieuInput = strawberry.field(description="Où est le travail.")
    contact: ContactInput = strawberry.field(description="Comment joindre l'entreprise.")
    intitule: str = strawberry.field(
        description="3 à 150 caractères, sans adresse de courriel, lien ni téléphone."
    )
    description: str | None = strawberry.field(default=None, description="5000 caractères au plus.")
    romes: list[str] = strawberry.field(description="1 à 10 codes ROME.")
    niveau: Niveau | None = strawberry.field(default=None, description="Niveau visé ; absent : indifférent.")
    contrats: list[BesoinContrat] = strawberry.field(
        default_factory=list, description="Contrats proposés ; aucun : apprentissage."
    )
    rythme: Rythme | None = strawberry.field(default=None, description="Rythme de l'alternance.")
    duree_mois: int | None = strawberry.field(default=None, description="De 6 à 36 mois.")
    quantite: int = strawberry.field(default=1, description="Nombre d'apprentis cherchés, de 1 à 10.")
    start_le: Date | None = strawberry.field(
        default=None, description="Premier jour, d'aujourd'hui à dans deux ans."
    )
    cle_idempotence: str | None = strawberry.field(
        default=None,
        description="8 à 100 caractères choisis par le client : la même clé redonne le même besoin.",
    )


def _to_proto(besoin: CreateBesoinInput) -> pb.CreateBesoinRequest:
    lieu = besoin.lieu
    contact = besoin.contact
    return pb.CreateBesoinRequest(
        siret=besoin.siret,
        raison_sociale=besoin.raison_sociale,
        enseigne=besoin.enseigne,
        naf=besoin.naf,
        idcc=besoin.idcc,
        lieu=geo_pb2.Lieu(
            adresse=lieu.adresse,
            code_postal=lieu.code_postal,
            insee=lieu.insee,
            commune=lieu.commune,
            departement=lieu.departement,
            point=geo_pb2.Point(latitude=lieu.point.latitude, longitude=lieu.point.longitude),
        ),
        contact=pb.Contact(
            prenom=contact.prenom, nom=contact.nom, email=contact.email, telephone=contact.telephone
        ),
        intitule=besoin.intitule,
        description=besoin.description,
        romes=besoin.romes,
        niveau=wire_number(besoin.niveau),
        contrats=[wire_number(contrat) for contrat in besoin.contrats],
        rythme=wire_number(besoin.rythme),
        duree_mois=besoin.duree_mois,
        quantite=besoin.quantite,
        start_le=besoin.start_le,
        cle_idempotence=besoin.cle_idempotence,
    )


async def _create_besoin(
    info: Info,
    input: Annotated[CreateBesoinInput, strawberry.argument(description="Le besoin.")],  # noqa: A002 - Relay's name
) -> CreateBesoinResult:
    matcha = info.context.clients[MATCHA]
    # The service owns the data, so it decides who may post for this SIRET.
    authorization = info.context.authorization
    metadata = (("authorization", authorization),) if authorization else ()
    try:
        answer = await matcha.write(matcha.stub.CreateBesoin, _to_proto(input), metadata)
    except InvalidRequest as error:
        raise on_arguments(error, input=CreateBesoinInput) from error
    if answer.HasField("refuse"):
        return as_type(BesoinRefuse, answer.refuse)
    return as_type(BesoinMatcha, answer.besoin)


@strawberry.type
class BesoinMutation:
    """Fields of Mutation."""

    create_besoin: CreateBesoinResult = strawberry.field(
        directives=[weighs(200)],
        resolver=_create_besoin,
        description=(
            "Dépose un besoin. Avec le jeton d'un recruteur de ce SIRET (en-tête Authorization), il est "
            "ouvert aussitôt ; sans jeton, il attend d'être validé."
        ),
    )

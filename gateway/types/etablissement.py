"""Organisations that train."""

from __future__ import annotations

import strawberry

from gateway.context import Context
from gateway.execution.binding import bind
from gateway.types.lieu import Lieu
from gateway.types.node import Node, NodeType
from protos import catalogue_pb2 as pb
from protos.services import CATALOGUE


@bind(pb.Etablissement, key="siret", description="Un organisme de formation (CFA), à une adresse.")
class Etablissement(Node):
    """Bound to lba.catalogue.v1.Etablissement."""

    siret: str = strawberry.field(description="Numéro SIRET, 14 chiffres.")
    uai: str | None = strawberry.field(
        description="Code national d'établissement : 7 chiffres et une lettre."
    )
    raison_sociale: str = strawberry.field(description="Raison sociale.")
    enseigne: str | None = strawberry.field(description="Enseigne.")
    lieu: Lieu | None = strawberry.field(description="Adresse de l'organisme.")
    commune: str | None = strawberry.field(description="Nom de la commune de l'organisme.")
    qualiopi: bool | None = strawberry.field(
        description="Vrai s'il a le certificat de qualité Qualiopi ; absent si on ne le sait pas."
    )


async def _fetch(context: Context, siret: str) -> pb.Etablissement | None:
    catalogue = context.clients[CATALOGUE]
    request = pb.GetEtablissementsRequest(sirets=[siret])
    answer = await catalogue.read(catalogue.stub.GetEtablissements, request)
    return next(iter(answer.etablissements), None)


NODE = NodeType(Etablissement, _fetch)

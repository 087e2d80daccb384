"""Finding anything by its global id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry
from google.protobuf.message import Message

from gateway.context import Context, Info
from gateway.execution.binding import parse_global_id, shown
from gateway.types.node import Node
from protos import catalogue_pb2, jobs_pb2, matcha_pb2, prediction_pb2
from protos.services import CATALOGUE, JOBS, MATCHA, PREDICTION
from services.common.errors import InvalidRequest, NotFound, Problem


async def _formation(context: Context, key: str) -> Message | None:
    return await context.loaders.formations.load(key)


async def _etablissement(context: Context, key: str) -> Message | None:
    catalogue = context.clients[CATALOGUE]
    request = catalogue_pb2.GetEtablissementsRequest(sirets=[key])
    answer = await catalogue.read(catalogue.stub.GetEtablissements, request)
    return next(iter(answer.etablissements), None)


async def _offre(context: Context, key: str) -> Message | None:
    jobs = context.clients[JOBS]
    answer = await jobs.read(jobs.stub.GetOffre, jobs_pb2.GetOffreRequest(id=key))
    return answer.offre


async def _besoin(context: Context, key: str) -> Message | None:
    matcha = context.clients[MATCHA]
    answer = await matcha.read(matcha.stub.GetBesoin, matcha_pb2.GetBesoinRequest(id=key))
    return answer.besoin


async def _recruteur(context: Context, key: str) -> Message | None:
    prediction = context.clients[PREDICTION]
    request = prediction_pb2.GetRecruteursRequest(sirets=[key])
    answer = await prediction.read(prediction.stub.GetRecruteurs, request)
    return next(iter(answer.recruteurs), None)


_FETCH: dict[str, Callable[[Context, str], Awaitable[Message | None]]] = {
    "Formation": _formation,
    "Etablissement": _etablissement,
    "Offre": _offre,
    "BesoinMatcha": _besoin,
    "RecruteurProbable": _recruteur,
}


async def _node(
    info: Info,
    id: Annotated[  # noqa: A002 - Relay's name
        strawberry.ID, strawberry.argument(description="Identifiant global, reçu dans un champ id.")
    ],
) -> Node:
    parsed = parse_global_id(id)
    if parsed is None:
        message = f"« {id} » n'est pas un identifiant global ; donner le champ id d'un objet reçu"
        raise InvalidRequest([Problem("id", message)])
    type_name, key = parsed
    try:
        found = await _FETCH[type_name](info.context, key)
    except (NotFound, InvalidRequest):
        # An id of the right shape around a key that the service cannot have: nothing has this id.
        found = None
    if found is None:
        raise NotFound(f"id : rien n'a l'identifiant « {id} » ; l'objet a pu être retiré")
    return shown(Node, found)


@strawberry.type
class NodeQuery:
    """Fields of Query."""

    node: Node | None = strawberry.field(
        resolver=_node, description="N'importe quel objet, par son identifiant global."
    )

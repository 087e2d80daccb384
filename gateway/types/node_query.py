"""Finding anything by its global id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import strawberry
from graphql import GraphQLSchema

from gateway.context import Info
from gateway.execution.binding import as_type, is_keyed, parse_global_id
from gateway.execution.cost_directives import weighs
from gateway.types import besoin, etablissement, formation, offre, recruteur
from gateway.types.node import Node, NodeType
from services.common.errors import InvalidRequest, NotFound, Problem

NODES = (formation.NODE, etablissement.NODE, offre.NODE, besoin.NODE, recruteur.NODE)
"""Every type that has global ids."""

_BY_NAME = {node.name: node for node in NODES}


async def _node(
    info: Info,
    id: Annotated[  # noqa: A002 - Relay's name
        strawberry.ID, strawberry.argument(description="Identifiant global, reçu dans un champ id.")
    ],
) -> Node:
    parsed = parse_global_id(id)
    if parsed is None:
        message = f"« {id} » n'est pas un identifiant global ; donnez le champ id d'un objet reçu"
        raise InvalidRequest([Problem("id", message)])
    type_name, key = parsed
    try:
        found = await _BY_NAME[type_name].fetch(info.context, key)
    except (NotFound, InvalidRequest):
        # The id has the right shape, but the service refuses its key: no object has this id.
        found = None
    if found is None:
        raise NotFound(f"id : rien n'a l'identifiant « {id} » ; l'objet a pu être retiré")
    return as_type(Node, found)


@strawberry.type
class NodeQuery:
    """Fields of Query."""

    node: Node | None = strawberry.field(
        directives=[weighs(20)],
        resolver=_node,
        description="N'importe quel objet, par son identifiant global.",
    )


def check_nodes(schema: GraphQLSchema, nodes: Sequence[NodeType]) -> None:
    """Raise TypeError with every type of the schema that has global ids and is not one of the `nodes`."""
    known = {node.name for node in nodes}
    lost = [name for name in schema.type_map if is_keyed(name) and name not in known]
    if lost:
        raise TypeError(f"no row of {', '.join(lost)} is found by its id: add its NODE to NODES")

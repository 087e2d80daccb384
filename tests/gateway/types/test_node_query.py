from __future__ import annotations

import pytest
import strawberry
from google.protobuf.message import Message
from strawberry.schema.config import StrawberryConfig

from gateway.execution.binding import bind, global_id, read_field
from gateway.schema import build_schema
from gateway.types.node_query import NODES, check_nodes
from protos import catalogue_pb2, jobs_pb2, matcha_pb2, prediction_pb2
from tests.gateway.conftest import Gateway

FOUND: dict[str, tuple[str, Message, Message]] = {
    "Formation": (
        "GetFormations",
        catalogue_pb2.GetFormationsRequest(ids=["1"]),
        catalogue_pb2.GetFormationsResponse(formations=[catalogue_pb2.Formation(id="1")]),
    ),
    "Etablissement": (
        "GetEtablissements",
        catalogue_pb2.GetEtablissementsRequest(sirets=["1"]),
        catalogue_pb2.GetEtablissementsResponse(etablissements=[catalogue_pb2.Etablissement(siret="1")]),
    ),
    "Offre": (
        "GetOffre",
        jobs_pb2.GetOffreRequest(id="1"),
        jobs_pb2.GetOffreResponse(offre=jobs_pb2.Offre(id="1")),
    ),
    "BesoinMatcha": (
        "GetBesoin",
        matcha_pb2.GetBesoinRequest(id="1"),
        matcha_pb2.GetBesoinResponse(besoin=matcha_pb2.BesoinMatcha(id="1")),
    ),
    "RecruteurProbable": (
        "GetRecruteurs",
        prediction_pb2.GetRecruteursRequest(sirets=["1"]),
        prediction_pb2.GetRecruteursResponse(recruteurs=[prediction_pb2.RecruteurProbable(siret="1")]),
    ),
}
"""For each type, the RPC that fetches it, with its request and its response."""


def test_each_type_that_is_found_is_tested_here() -> None:
    assert {node.name for node in NODES} == set(FOUND)


@pytest.mark.parametrize("name", FOUND)
async def test_every_type_is_found_by_its_global_id(gateway: Gateway, name: str) -> None:
    method, request, response = FOUND[name]
    gateway.scripts.answer(method, response)
    id_ = global_id(name, "1")

    answer = await gateway.ask("query Q($id: ID!) { node(id: $id) { __typename id } }", id=id_)

    assert answer == {"data": {"node": {"__typename": name, "id": id_}}}
    assert gateway.scripts.calls == [(method, request)]


@bind(catalogue_pb2.ResolveZoneResponse, key="libelle", description="Faux.")
class Orphan:
    """Has global ids, but no function that fetches it."""

    id: strawberry.ID
    libelle: str


@strawberry.type
class OrphanQuery:
    """A query root with the orphan type."""

    orphan: Orphan


def test_type_whose_ids_cannot_be_fetched_is_refused() -> None:
    schema = strawberry.Schema(OrphanQuery, config=StrawberryConfig(default_resolver=read_field))

    with pytest.raises(TypeError, match="Orphan"):
        check_nodes(schema._schema, NODES)  # noqa: SLF001 - as the gateway itself does


def test_gateway_does_not_start_with_a_type_whose_ids_cannot_be_fetched() -> None:
    with pytest.raises(TypeError, match="RecruteurProbable"):
        build_schema(nodes=[node for node in NODES if node.name != "RecruteurProbable"])

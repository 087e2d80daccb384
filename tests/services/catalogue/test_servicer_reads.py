from __future__ import annotations

from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2

from protos import catalogue_pb2 as pb
from protos import catalogue_pb2_grpc, geo_pb2
from services.common.errors import UpstreamUnavailable
from tests.support.catalogue.serving import (
    PARIS,
    UNLISTED,
    health_of,
    problem_fields,
    refusal,
    served,
)
from tests.support.catalogue.small_france import served_id


async def test_formations_come_in_the_order_asked_for(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    answer = await stub.GetFormations(
        pb.GetFormationsRequest(ids=[served_id("c"), "?", served_id("a"), served_id("c")])
    )

    assert [each.id for each in answer.formations] == list(map(served_id, ["c", "a", "c"]))
    assert list(answer.missing) == ["?"]
    assert await problem_fields(stub.GetFormations(pb.GetFormationsRequest(ids=["a"] * 101))) == ["ids"]


async def test_etablissements_come_in_the_order_asked_for(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub,
) -> None:
    answer = await stub.GetEtablissements(pb.GetEtablissementsRequest(sirets=["0", "13000285000019"]))

    assert [each.siret for each in answer.etablissements] == ["13000285000019"]
    assert list(answer.missing) == ["0"]
    too_many = pb.GetEtablissementsRequest(sirets=["0"] * 101)
    assert await problem_fields(stub.GetEtablissements(too_many)) == ["sirets"]


async def test_who_teaches_a_training_is_found_though_no_table_lists_it(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub,
) -> None:
    request = pb.GetFormationsRequest(ids=[served_id("d")])
    teaches = (await stub.GetFormations(request)).formations[0].etablissement

    answer = await stub.GetEtablissements(pb.GetEtablissementsRequest(sirets=[teaches.siret]))

    assert teaches.siret == UNLISTED
    assert list(answer.etablissements) == [teaches]


async def test_romes_by_code_or_all(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    some = await stub.GetRomes(pb.GetRomesRequest(codes=["D1202", "Z9999", "D1102"]))
    every = await stub.GetRomes(pb.GetRomesRequest())

    assert [each.code for each in some.romes] == ["D1202", "D1102"]
    assert list(some.missing) == ["Z9999"]
    assert [each.code for each in every.romes] == ["D1102", "D1104", "D1202", "F1703", "I1604"]


async def test_communes_come_in_the_order_asked_for(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    answer = await stub.GetCommunes(pb.GetCommunesRequest(insees=["2A004", "99999", "75111", "2A004"]))

    assert [each.nom for each in answer.communes] == ["Ajaccio", "Paris 11e Arrondissement", "Ajaccio"]
    assert answer.communes[1] == pb.Commune(
        insee="75111",
        nom="Paris 11e Arrondissement",
        codes_postaux=["75011"],
        population=138_170,
        departement="75",
        departement_nom="Paris",
        region="11",
        region_nom="Île-de-France",
        point=geo_pb2.Point(latitude=48.85915, longitude=2.3794),
        commune_parente="75056",
    )
    assert list(answer.missing) == ["99999"]
    too_many = pb.GetCommunesRequest(insees=["75111"] * 101)
    assert await problem_fields(stub.GetCommunes(too_many)) == ["insees"]


async def test_former_code_gives_the_commune_of_today(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    (today,) = (await stub.GetCommunes(pb.GetCommunesRequest(insees=["93999"]))).communes

    assert (today.insee, today.nom) == ("93079", "Villetaneuse-d'Œuvre")


async def test_suggestions(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    metiers = await stub.SuggestMetiers(pb.SuggestMetiersRequest(texte="boulang", first=1))
    communes = await stub.SuggestCommunes(pb.SuggestCommunesRequest(texte="saint den", first=2))

    assert metiers.metiers[0] == pb.Metier(
        libelle="Boulanger / Boulangère",
        romes=[pb.Rome(code="D1102", libelle="Boulangerie - viennoiserie")],
        rncps=["RNCP18704"],
        formations_count=3,
    )
    assert [(each.insee, each.departement, each.region_nom) for each in communes.communes] == [
        ("97411", "974", "La Réunion"),
        ("93066", "93", "Île-de-France"),
    ]


@pytest.mark.parametrize(
    ("texte", "first", "fields"),
    [("", 0, ["first", "texte"]), ("x" * 101, 51, ["first", "texte"]), (" ", 1, ["texte"])],
)
async def test_bad_suggestion_request_is_refused(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub, texte: str, first: int, fields: list[str]
) -> None:
    metiers = pb.SuggestMetiersRequest(texte=texte, first=first)
    communes = pb.SuggestCommunesRequest(texte=texte, first=first)

    assert await problem_fields(stub.SuggestMetiers(metiers)) == fields
    assert await problem_fields(stub.SuggestCommunes(communes)) == fields


async def test_resolved_zone_can_be_searched_in(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    paris = pb.ResolveZoneRequest.AroundCommune(insee="75056", rayon_km=0)

    resolved = await stub.ResolveZone(pb.ResolveZoneRequest(commune=paris))
    found = await stub.SearchFormations(pb.SearchFormationsRequest(zone=resolved.zone, first=10))

    assert resolved.libelle == "Paris"
    assert list(resolved.zone.communes) == ["75056", "75101", "75111"]
    assert [edge.node.id for edge in found.edges] == list(map(served_id, ["a", "b", "c"]))
    assert all(edge.HasField("distance_km") for edge in found.edges)


@pytest.mark.parametrize(
    ("request_", "libelle"),
    [
        (
            pb.ResolveZoneRequest(around=pb.ResolveZoneRequest.Around(point=PARIS, rayon_km=30)),
            "30 km autour de Paris 1er Arrondissement",
        ),
        (pb.ResolveZoneRequest(departement="20"), "Corse (2A et 2B)"),
        (pb.ResolveZoneRequest(region="11"), "Île-de-France"),
        (pb.ResolveZoneRequest(france=True), "France entière"),
    ],
)
async def test_zones_of_every_kind(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub, request_: pb.ResolveZoneRequest, libelle: str
) -> None:
    assert (await stub.ResolveZone(request_)).libelle == libelle


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        (pb.ResolveZoneRequest(), ["zone"]),
        (pb.ResolveZoneRequest(france=False), ["zone"]),
        (pb.ResolveZoneRequest(around=pb.ResolveZoneRequest.Around(rayon_km=3)), ["around.point"]),
        (pb.ResolveZoneRequest(departement="99"), ["departement"]),
        (pb.ResolveZoneRequest(region="99"), ["region"]),
    ],
)
async def test_bad_zone_is_refused(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub, request_: pb.ResolveZoneRequest, fields: list[str]
) -> None:
    assert await problem_fields(stub.ResolveZone(request_)) == fields


async def test_health_says_serving(channel: grpc.aio.Channel) -> None:
    answer = await health_of(channel)

    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_without_data_health_says_not_serving_and_calls_are_unavailable(tmp_path: Path) -> None:
    async with served(tmp_path / "state") as channel:
        health = await health_of(channel)
        error = await refusal(catalogue_pb2_grpc.CatalogueStub(channel).GetRomes(pb.GetRomesRequest()))

    assert health.status == health_pb2.HealthCheckResponse.NOT_SERVING
    assert isinstance(error, UpstreamUnavailable)
    assert "le catalogue est vide" in error.message

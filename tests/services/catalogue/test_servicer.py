from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from datetime import date
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2

from protos import catalogue_pb2 as pb
from protos import catalogue_pb2_grpc, diplome_pb2, geo_pb2
from services.catalogue.catalogue import FolderSource, LiveCatalogue
from services.catalogue.servicer import CatalogueServicer
from services.catalogue.tantivy_store import TantivyFormationStore
from services.common.channel import open_channel
from services.common.errors import InvalidRequest, ServiceError, UpstreamUnavailable, from_rpc
from services.common.geo import Point, distance_km
from services.common.report import ImportConsole
from services.common.server import running_server
from tests.services.catalogue.small_france import load_data, served_id, write_data

SERVICE = "lba.catalogue.v1.Catalogue"
PARIS = geo_pb2.Point(latitude=48.8566, longitude=2.3522)
MARSEILLE = {
    "lieu_code_insee": "13211",
    "lieu_code_postal": "13011",
    "latitude": "43.287",
    "longitude": "5.483",
}
ROWS: list[dict[str, str]] = [
    {"id": "a", "periodes": "2026-11|2027-09"},
    {"id": "b", "intitule": "COIFFEUR (BP)", "romes": "D1202", "niveau_eu": "4"},
    {"id": "c", "intitule": "PATISSIER (CAP)", "romes": "D1104|D1102"},
    {"id": "d", "intitule": "BOULANGER (BP)", "niveau_eu": "4", **MARSEILLE},
]


@pytest.fixture(scope="module")
async def channel(
    tmp_path_factory: pytest.TempPathFactory, quiet: ImportConsole
) -> AsyncIterator[grpc.aio.Channel]:
    folder = tmp_path_factory.mktemp("catalogue")
    await load_data(write_data(folder / "data", ROWS), folder / "state", quiet, fictive=True)
    async with served(folder / "state") as opened:
        yield opened


class served:  # noqa: N801 - used as a function is
    """A server on this state folder, and a channel to it; it is the end of 2026."""

    def __init__(self, state: Path) -> None:
        catalogue = LiveCatalogue(FolderSource(state, TantivyFormationStore.open))
        servicer = CatalogueServicer(catalogue, today=lambda: date(2026, 12, 1))
        self._server = running_server(
            SERVICE,
            lambda server: catalogue_pb2_grpc.add_CatalogueServicer_to_server(servicer, server),
            catalogue.ping,
        )

    async def __aenter__(self) -> grpc.aio.Channel:
        port = await self._server.__aenter__()
        self._channel = open_channel(f"127.0.0.1:{port}", SERVICE, [])
        return self._channel

    async def __aexit__(self, *error: object) -> None:
        await self._channel.close()
        await self._server.__aexit__(None, None, None)


@pytest.fixture(scope="module")
def stub(channel: grpc.aio.Channel) -> catalogue_pb2_grpc.CatalogueAsyncStub:
    return catalogue_pb2_grpc.CatalogueStub(channel)


async def refusal(call: Awaitable[object]) -> ServiceError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return from_rpc(caught.value)


async def problem_fields(call: Awaitable[object]) -> list[str]:
    error = await refusal(call)
    assert isinstance(error, InvalidRequest)
    return [each.field for each in error.problems]


def around_paris(radius_km: float | None = None) -> geo_pb2.Zone:
    return geo_pb2.Zone(origin=PARIS, radius_km=radius_km)


async def test_search_gives_rows_facets_and_distances(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    answer = await stub.SearchFormations(
        pb.SearchFormationsRequest(
            romes=["D1102"],
            niveau=diplome_pb2.NIVEAU_3,
            zone=around_paris(30),
            first=10,
            with_facets=True,
        )
    )

    assert [edge.node.id for edge in answer.edges] == list(map(served_id, ["a", "c"]))
    assert answer.total_count == 2
    assert not answer.has_next_page
    assert [(each.value, each.count) for each in answer.facets.niveaux] == [(diplome_pb2.NIVEAU_3, 2)]
    node = answer.edges[0].node
    expected = distance_km(Point(48.8566, 2.3522), Point(48.8592, 2.3795))
    assert node.distance_km == round(expected, 2)
    assert list(node.sessions) == ["2027-09"]
    assert node.fictive
    assert node.etablissement.commune == "Paris 11e Arrondissement"
    assert node.etablissement.qualiopi
    assert not node.HasField("maj_le")


async def test_search_without_a_zone_has_no_distance_and_no_facets_unasked(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub,
) -> None:
    answer = await stub.SearchFormations(pb.SearchFormationsRequest(rome_domaine="D11", first=10))

    assert [edge.node.id for edge in answer.edges] == list(map(served_id, ["d", "a", "c"]))
    assert not any(edge.node.HasField("distance_km") for edge in answer.edges)
    assert not answer.HasField("facets")


async def test_empty_circle_offers_the_nearest(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    zone = geo_pb2.Zone(origin=geo_pb2.Point(latitude=47, longitude=3), radius_km=10)

    answer = await stub.SearchFormations(pb.SearchFormationsRequest(romes=["D1102"], zone=zone, first=10))

    assert answer.total_count == 0
    assert [each.id for each in answer.plus_proches] == list(map(served_id, ["a", "c", "d"]))
    assert answer.plus_proches[0].distance_km > 200


@pytest.mark.parametrize("zone", [None, around_paris()])
async def test_cursors_lead_through_all_rows(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub, zone: geo_pb2.Zone | None
) -> None:
    whole = await stub.SearchFormations(pb.SearchFormationsRequest(zone=zone, first=100))
    seen, after = [], ""
    while True:
        request = pb.SearchFormationsRequest(zone=zone, first=1, after=after, with_facets=not after)
        page = await stub.SearchFormations(request)
        seen += [edge.node.id for edge in page.edges]
        if not page.has_next_page:
            break
        after = page.edges[-1].cursor

    assert seen == [edge.node.id for edge in whole.edges]
    assert len(seen) == 4


async def found_ids(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub, request: pb.SearchFormationsRequest
) -> list[str]:
    answer = await stub.SearchFormations(request)
    return [edge.node.id for edge in answer.edges]


@pytest.mark.parametrize(
    ("texte", "expected"),
    [
        ("boulangère", ["a", "d"]),
        ("Boulengère", ["a", "d"]),
        ("CAP pâtisserie", ["c"]),
        ("formation coiffeuse", ["b"]),
        ("coif", ["b"]),
        ("  ", ["d", "a", "b", "c"]),
        ("le la", ["d", "a", "b", "c"]),
    ],
)
async def test_text_is_understood(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub, texte: str, expected: list[str]
) -> None:
    found = await found_ids(stub, pb.SearchFormationsRequest(texte=texte, first=10))

    # Others may follow: the job or the certification of a training says things that its title does not.
    assert sorted(found[: len(expected)]) == sorted(map(served_id, expected))


async def test_text_like_nothing_finds_nothing(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    assert await found_ids(stub, pb.SearchFormationsRequest(texte="xyzzy", first=10)) == []


async def test_words_that_no_training_holds_together_are_looked_for_apart(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub,
) -> None:
    together = pb.SearchFormationsRequest(texte="coiffeur pâtissier", first=10)
    elsewhere = pb.SearchFormationsRequest(
        texte="boulanger 13011", first=10, zone=geo_pb2.Zone(departements=["75"])
    )

    assert {served_id("b"), served_id("c")} == set(await found_ids(stub, together))
    assert await found_ids(stub, elsewhere) == []


async def test_text_alone_is_ordered_by_relevance(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    far_from_it = geo_pb2.Zone(origin=geo_pb2.Point(latitude=43.3, longitude=5.4))

    unspecified = pb.SearchFormationsRequest(texte="boulanger cap", zone=far_from_it, first=10)
    nearest = pb.SearchFormationsRequest(
        texte="boulanger", zone=far_from_it, first=10, sort=pb.FORMATION_SORT_DISTANCE
    )

    assert (await found_ids(stub, unspecified))[0] == served_id("a")
    assert (await found_ids(stub, nearest))[0] == served_id("d")


@pytest.mark.parametrize("sort", [pb.FORMATION_SORT_RELEVANCE, pb.FORMATION_SORT_START])
async def test_cursors_lead_through_every_order(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub, sort: pb.FormationSort.ValueType
) -> None:
    search = pb.SearchFormationsRequest(texte="cap", zone=around_paris(), sort=sort)
    whole = pb.SearchFormationsRequest(first=100)
    whole.MergeFrom(search)
    seen: list[str] = []
    after = ""
    while len(seen) < 10:
        request = pb.SearchFormationsRequest(first=1, after=after)
        request.MergeFrom(search)
        page = await stub.SearchFormations(request)
        seen += [edge.node.id for edge in page.edges]
        if not page.has_next_page:
            break
        after = page.edges[-1].cursor

    assert seen == await found_ids(stub, whole)
    assert len(seen) > 1


async def test_refinements_narrow_and_are_counted(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    request = pb.SearchFormationsRequest(
        niveaux=[diplome_pb2.NIVEAU_4],
        departements=["75", "13"],
        domaines=["D11", "D12"],
        zone=around_paris(),
        first=10,
        with_facets=True,
    )

    answer = await stub.SearchFormations(request)

    assert {edge.node.id for edge in answer.edges} == set(map(served_id, "bd"))
    assert {each.value: each.count for each in answer.facets.niveaux} == {3: 2, 4: 2}
    assert {each.value: each.count for each in answer.facets.domaines} == {"D11": 1, "D12": 1}
    assert sum(each.count for each in answer.facets.departements) == 2
    assert (answer.facets.distances[0].within_km, answer.facets.distances[0].count) == (10, 1)
    assert all(each.value >= "2026-12" for each in answer.facets.mois)
    assert answer.facets.diplomes


async def test_niveau_adds_to_niveaux(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    request = pb.SearchFormationsRequest(
        niveau=diplome_pb2.NIVEAU_3, niveaux=[diplome_pb2.NIVEAU_4], first=10
    )

    assert len(await found_ids(stub, request)) == 4


async def test_cursor_of_another_search_is_refused(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    page = await stub.SearchFormations(pb.SearchFormationsRequest(romes=["D1102"], first=1))
    cursor = page.edges[0].cursor

    other = pb.SearchFormationsRequest(romes=["D1104"], first=1, after=cursor)
    nonsense = pb.SearchFormationsRequest(romes=["D1102"], first=1, after="nonsense!")

    assert await problem_fields(stub.SearchFormations(other)) == ["after"]
    assert await problem_fields(stub.SearchFormations(nonsense)) == ["after"]


async def test_every_problem_of_a_search_is_told_at_once(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    request = pb.SearchFormationsRequest(
        romes=["D1102", "d1102", "Z9999"],
        rome_domaine="D1",
        rncps=["RNCP1", "1"],
        zone=geo_pb2.Zone(origin=geo_pb2.Point(latitude=100, longitude=2), radius_km=-1, departements=["75"]),
        first=10_000,
        after="nonsense!",
    )

    assert await problem_fields(stub.SearchFormations(request)) == [
        "romes[1]",
        "romes[2]",
        "rome_domaine",
        "rome_domaine",
        "rncps[1]",
        "first",
        "zone.origin.latitude",
        "zone.radius_km",
        "zone",
        "after",
    ]


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        (pb.SearchFormationsRequest(first=-1), ["first"]),
        (pb.SearchFormationsRequest(romes=["D1102"] * 51), ["romes"]),
        (pb.SearchFormationsRequest(rncps=["RNCP1"] * 51), ["rncps"]),
        (pb.SearchFormationsRequest(rome_domaine="Z"), ["rome_domaine"]),
        (pb.SearchFormationsRequest(rome_domaine=""), ["rome_domaine"]),
        (pb.SearchFormationsRequest(niveau=diplome_pb2.Niveau.ValueType(9)), ["niveau"]),
        (pb.SearchFormationsRequest(sort=pb.FormationSort.ValueType(9)), ["sort"]),
        (pb.SearchFormationsRequest(texte="a" * 201), ["texte"]),
        (pb.SearchFormationsRequest(niveaux=[diplome_pb2.NIVEAU_UNSPECIFIED]), ["niveaux[0]"]),
        (pb.SearchFormationsRequest(niveaux=[diplome_pb2.Niveau.ValueType(9)]), ["niveaux[0]"]),
        (pb.SearchFormationsRequest(diplomes=["BAC"] * 51), ["diplomes"]),
        (pb.SearchFormationsRequest(domaines=["D11", "D"]), ["domaines[1]"]),
        (pb.SearchFormationsRequest(departements=["75", "2a", "20"]), ["departements[1]", "departements[2]"]),
        (pb.SearchFormationsRequest(mois=["2027-09", "2027-13", "09/2027"]), ["mois[1]", "mois[2]"]),
        (
            pb.SearchFormationsRequest(zone=geo_pb2.Zone(radius_km=float("nan"))),
            ["zone.radius_km", "zone.origin"],
        ),
    ],
)
async def test_bad_search_is_refused(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub, request_: pb.SearchFormationsRequest, fields: list[str]
) -> None:
    assert await problem_fields(stub.SearchFormations(request_)) == fields


async def test_problems_are_told_in_french_with_what_would_be_right(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub,
) -> None:
    error = await refusal(stub.SearchFormations(pb.SearchFormationsRequest(romes=["pain"])))

    assert isinstance(error, InvalidRequest)
    expected = "« pain » n'est pas un code ROME : une lettre et quatre chiffres, comme D1102"
    assert error.problems[0].message == expected


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


async def test_romes_by_code_or_all(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    some = await stub.GetRomes(pb.GetRomesRequest(codes=["D1202", "Z9999", "D1102"]))
    every = await stub.GetRomes(pb.GetRomesRequest())

    assert [each.code for each in some.romes] == ["D1202", "D1102"]
    assert list(some.missing) == ["Z9999"]
    assert [each.code for each in every.romes] == ["D1102", "D1104", "D1202", "F1703", "I1604"]


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
    assert all(edge.node.HasField("distance_km") for edge in found.edges)


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


async def health_of(channel: grpc.aio.Channel) -> health_pb2.HealthCheckResponse:
    check = channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
        response_deserializer=health_pb2.HealthCheckResponse.FromString,
    )
    return await check(health_pb2.HealthCheckRequest(service=SERVICE))


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

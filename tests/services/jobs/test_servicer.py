from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from grpc_health.v1 import health_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from protos import geo_pb2, jobs_pb2, jobs_pb2_grpc
from services.common.errors import DeadlineExceeded, InvalidRequest, NotFound, UpstreamUnavailable, from_rpc
from services.jobs.servicer import SERVICE_NAME
from tests.support.common.cursors import check_judged, tampered
from tests.support.jobs.partner import offre_simulee
from tests.support.jobs.serving import running_jobs, search_request

PARIS = geo_pb2.Point(latitude=48.8566, longitude=2.3522)
OFFRES = [
    offre_simulee(1, "75101", niveau="NV5"),
    offre_simulee(2, "75111", niveau="NV3"),
    offre_simulee(3, "93066", nature="FS"),
    offre_simulee(4, "78646", lieu={"libelle": "78 - VERSAILLES"}),
    offre_simulee(5, "75101", lieu={"libelle": "75 - Paris (Dept.)"}, entreprise={}),
    offre_simulee(6, "69381"),
    offre_simulee(7, "97411"),
    offre_simulee(8, "46042", rome="D1106"),
    offre_simulee(9, "2A004"),
]


@pytest.fixture(scope="module")
async def jobs() -> AsyncIterator[jobs_pb2_grpc.JobsAsyncStub]:
    async with running_jobs(OFFRES) as running:
        yield running.stub


def around(rayon_km: float) -> geo_pb2.Zone:
    return geo_pb2.Zone(origin=PARIS, rayon_km=rayon_km, insee="75101")


def ids(response: jobs_pb2.SearchOffresResponse) -> list[int]:
    return [int(edge.node.id.removeprefix("SIM")) for edge in response.edges]


async def test_circle_nearest_first_departement_alone_last(jobs: jobs_pb2_grpc.JobsAsyncStub) -> None:
    response = await jobs.SearchOffres(search_request(zone=around(30)))

    assert ids(response) == [1, 2, 3, 4, 5]
    distances = [edge.distance_km if edge.HasField("distance_km") else None for edge in response.edges]
    # The test uses the spherical law of cosines, which is not the formula of the service.
    assert distances == [1.33, 2.06, 8.18, 17.98, None]
    assert (response.total_count, response.has_next_page) == (5, False)
    assert not response.HasField("partial")


async def test_what_the_partner_adds_beyond_the_circle_is_left_out(jobs: jobs_pb2_grpc.JobsAsyncStub) -> None:
    assert ids(await jobs.SearchOffres(search_request(zone=around(8)))) == [1, 2, 5]
    assert ids(await jobs.SearchOffres(search_request(zone=around(1.4)))) == [1, 5]


async def test_whole_message_of_an_offer(jobs: jobs_pb2_grpc.JobsAsyncStub) -> None:
    response = await jobs.SearchOffres(search_request(zone=around(1.4)))

    node = response.edges[0].node
    assert node.publiee_le
    assert node.url.endswith("/offres/recherche/detail/SIM00001")
    node.ClearField("publiee_le")
    node.ClearField("actualisee_le")
    node.ClearField("url")
    assert node == jobs_pb2.Offre(
        id="SIM00001",
        intitule="Boulanger / Boulangère 1",
        description="Une offre.",
        rome="D1102",
        rome_libelle="Boulangerie - viennoiserie",
        entreprise=jobs_pb2.EntrepriseOffre(),
        contrat=jobs_pb2.ContratOffre(type=jobs_pb2.CONTRAT_TYPE_APPRENTISSAGE),
        lieu=geo_pb2.Lieu(
            insee="75101",
            commune="Paris 1er Arrondissement",
            departement="75",
            point=geo_pb2.Point(latitude=48.862, longitude=2.33594),
        ),
        fictive=True,
    )


async def test_departements_communes_and_france(jobs: jobs_pb2_grpc.JobsAsyncStub) -> None:
    by_departement = search_request(zone=geo_pb2.Zone(departements=["75", "2A"]))
    by_commune = search_request(zone=geo_pb2.Zone(communes=["93066", "75111"]))

    assert sorted(ids(await jobs.SearchOffres(by_departement))) == [1, 2, 5, 9]
    assert sorted(ids(await jobs.SearchOffres(by_commune))) == [2, 3]
    assert sorted(ids(await jobs.SearchOffres(search_request()))) == [1, 2, 3, 4, 5, 6, 7, 9]


async def test_level_leaves_out_only_offers_that_name_another(jobs: jobs_pb2_grpc.JobsAsyncStub) -> None:
    response = await jobs.SearchOffres(search_request(zone=around(30), niveau=3))

    assert ids(response) == [1, 3, 4, 5]


async def test_latest_first(jobs: jobs_pb2_grpc.JobsAsyncStub) -> None:
    response = await jobs.SearchOffres(search_request(sort=jobs_pb2.OFFRE_SORT_DATE))

    published = [edge.node.publiee_le for edge in response.edges]
    assert published == sorted(published, reverse=True)
    assert len(published) == 8


async def test_no_row_wanted_still_counts(jobs: jobs_pb2_grpc.JobsAsyncStub) -> None:
    response = await jobs.SearchOffres(search_request(first=0))

    assert (len(response.edges), response.total_count, response.has_next_page) == (0, 8, True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    sort=st.sampled_from([jobs_pb2.OFFRE_SORT_DISTANCE, jobs_pb2.OFFRE_SORT_DATE]),
    zone=st.sampled_from([None, around(30), geo_pb2.Zone(origin=PARIS)]),
)
async def test_pages_of_any_size_make_the_whole_list(
    jobs: jobs_pb2_grpc.JobsAsyncStub,
    data: st.DataObject,
    sort: jobs_pb2.OffreSort,
    zone: geo_pb2.Zone | None,
) -> None:
    whole = await jobs.SearchOffres(search_request(sort=sort, zone=zone))
    pieces: list[int] = []
    after, more = "", True
    while more:
        first = data.draw(st.integers(1, 4))
        page = await jobs.SearchOffres(search_request(sort=sort, zone=zone, first=first, after=after))
        assert page.total_count == whole.total_count
        pieces += ids(page)
        more = page.has_next_page
        after = page.edges[-1].cursor

    assert pieces == ids(whole)


async def test_every_problem_is_told_by_field(jobs: jobs_pb2_grpc.JobsAsyncStub) -> None:
    wrong = jobs_pb2.SearchOffresRequest(
        romes=["D1102", "boulanger"],
        zone=geo_pb2.Zone(
            origin=geo_pb2.Point(latitude=100, longitude=2), rayon_km=-1, departements=["75", "7"]
        ),
        first=10_000,
        after="???",
    )

    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await jobs.SearchOffres(wrong)

    error = from_rpc(raised.value)
    assert isinstance(error, InvalidRequest)
    assert [problem.field for problem in error.problems] == [
        "romes[1]",
        "first",
        "zone.departements[1]",
        "zone.origin.latitude",
        "zone.rayon_km",
        "zone",
        "after",
    ]


@pytest.mark.parametrize("romes", [[], ["D1102"] * 51])
async def test_number_of_jobs_is_limited(jobs: jobs_pb2_grpc.JobsAsyncStub, romes: list[str]) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await jobs.SearchOffres(search_request(romes=romes))

    error = from_rpc(raised.value)
    assert isinstance(error, InvalidRequest)
    assert [problem.field for problem in error.problems] == ["romes"]


async def test_cursor_of_another_search_is_refused(jobs: jobs_pb2_grpc.JobsAsyncStub) -> None:
    page = await jobs.SearchOffres(search_request(first=1))

    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await jobs.SearchOffres(search_request(niveau=3, after=page.edges[0].cursor))

    error = from_rpc(raised.value)
    assert isinstance(error, InvalidRequest)
    assert [problem.field for problem in error.problems] == ["after"]


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    sort=st.sampled_from([jobs_pb2.OFFRE_SORT_DISTANCE, jobs_pb2.OFFRE_SORT_DATE]),
    zone=st.sampled_from([None, around(30)]),
)
async def test_whatever_comes_as_a_cursor_is_read_or_refused(
    jobs: jobs_pb2_grpc.JobsAsyncStub,
    data: st.DataObject,
    sort: jobs_pb2.OffreSort,
    zone: geo_pb2.Zone | None,
) -> None:
    search = search_request(sort=sort, zone=zone, first=2)
    search.after = data.draw(tampered((await jobs.SearchOffres(search)).edges[0].cursor))

    await check_judged(jobs.SearchOffres(search))


async def test_one_offer(jobs: jobs_pb2_grpc.JobsAsyncStub) -> None:
    response = await jobs.GetOffre(jobs_pb2.GetOffreRequest(id="SIM00003"))

    assert (response.offre.id, response.offre.contrat.type) == (
        "SIM00003",
        jobs_pb2.CONTRAT_TYPE_PROFESSIONNALISATION,
    )


@pytest.mark.parametrize(
    ("offre_id", "kind"), [("SIM99999", NotFound), ("é/?", NotFound), ("", InvalidRequest)]
)
async def test_offer_that_is_not_there(
    jobs: jobs_pb2_grpc.JobsAsyncStub, offre_id: str, kind: type[Exception]
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await jobs.GetOffre(jobs_pb2.GetOffreRequest(id=offre_id))

    assert isinstance(from_rpc(raised.value), kind)


async def test_pages_and_repeats_of_a_search_ask_the_partner_once() -> None:
    async with running_jobs([offre_simulee(number) for number in range(200)]) as jobs:
        first = await jobs.stub.SearchOffres(search_request(first=10))
        await asyncio.gather(
            *(
                jobs.stub.SearchOffres(search_request(first=10, after=first.edges[-1].cursor))
                for _ in range(10)
            ),
            jobs.stub.SearchOffres(search_request(first=50, niveau=4)),
        )

        assert jobs.partner.sandbox.requests == 2


async def test_more_than_is_read_is_partial() -> None:
    offres = [offre_simulee(number) for number in range(400)]
    async with running_jobs(offres, {"max_pages": 2}) as jobs:
        response = await jobs.stub.SearchOffres(search_request())

        assert response.total_count == 300
        assert response.partial.startswith("France Travail a plus d'offres que les 300 lues")


async def test_rows_off_the_contract_make_it_partial() -> None:
    async with running_jobs(OFFRES) as jobs:
        jobs.partner.set_faults(lie="wrong_types")
        response = await jobs.stub.SearchOffres(search_request())

        assert (response.total_count, response.partial) == (
            5,
            "3 offre(s) de France Travail illisible(s), laissée(s) de côté",
        )


async def test_slow_partner_ends_with_the_deadline() -> None:
    async with running_jobs(OFFRES) as jobs:
        jobs.partner.set_faults(latency_ms=800)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await jobs.stub.SearchOffres(search_request(), timeout=0.2)

        assert isinstance(from_rpc(raised.value), DeadlineExceeded)


async def test_pages_read_are_shown_when_another_fails() -> None:
    offres = [offre_simulee(number) for number in range(160)]
    async with running_jobs(offres, {"requests_per_s": 1}) as jobs:
        # At one request per second the second page would arrive after the deadline.
        response = await jobs.stub.SearchOffres(search_request(), timeout=0.9)

        assert (response.total_count, response.partial) == (
            150,
            "1 page(s) d'offres manquent : France Travail n'y a pas répondu",
        )


async def test_partner_down_is_unavailable() -> None:
    async with running_jobs(OFFRES) as jobs:
        jobs.partner.set_faults(status=503)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await jobs.stub.SearchOffres(search_request())

        assert isinstance(from_rpc(raised.value), UpstreamUnavailable)


@pytest.mark.parametrize(
    ("secret", "health"),
    [
        ("secret", health_pb2.HealthCheckResponse.SERVING),
        ("other", health_pb2.HealthCheckResponse.NOT_SERVING),
    ],
)
async def test_healthy_only_with_a_token(secret: str, health: int) -> None:
    async with (
        running_jobs(OFFRES, {"client_secret": SecretStr(secret)}) as jobs,
        grpc.aio.insecure_channel(f"127.0.0.1:{jobs.port}") as channel,
    ):
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        answer = await check(health_pb2.HealthCheckRequest(service=SERVICE_NAME))

        assert answer.status == health

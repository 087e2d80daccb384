from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protos import geo_pb2, prediction_pb2, prediction_pb2_grpc
from services.common.channel import open_channel
from services.common.errors import InvalidRequest, ServiceError, UpstreamUnavailable, from_rpc
from services.common.server import running_server
from services.prediction.model import Model
from services.prediction.raisons import explain
from services.prediction.ranking import Ranking
from services.prediction.score import ALTERNANCE
from services.prediction.servicer import PredictionServicer
from services.prediction.store import RecruteurStore
from tests.support.common.cursors import check_judged, tampered
from tests.support.prediction.small_france import siret
from tests.support.work import called_on_this_thread

SERVICE = prediction_pb2.DESCRIPTOR.services_by_name["Prediction"]

PARIS = geo_pb2.Zone(origin=geo_pb2.Point(latitude=48.8566, longitude=2.3522), rayon_km=30)


@asynccontextmanager
async def serving(state: Path, model: Model) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a real server of the employers in a folder."""
    store = RecruteurStore(state, model, ALTERNANCE)
    servicer = PredictionServicer(store)

    def add(server: grpc.aio.Server) -> None:
        prediction_pb2_grpc.add_PredictionServicer_to_server(servicer, server)

    async with (
        running_server(SERVICE.full_name, add, store.ping) as port,
        open_channel(f"127.0.0.1:{port}", SERVICE) as channel,
    ):
        yield channel


@pytest.fixture(scope="module")
async def client(state: Path, model: Model) -> AsyncIterator[prediction_pb2_grpc.PredictionAsyncStub]:
    async with serving(state, model) as channel:
        yield stub(channel)


def stub(channel: grpc.aio.Channel) -> prediction_pb2_grpc.PredictionAsyncStub:
    opened: prediction_pb2_grpc.PredictionAsyncStub = prediction_pb2_grpc.PredictionStub(channel)
    return opened


async def refusal(call: Awaitable[Message]) -> ServiceError:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    return from_rpc(refused.value)


async def problems_of(call: Awaitable[Message]) -> dict[str, str]:
    error = await refusal(call)
    assert isinstance(error, InvalidRequest)
    return {problem.field: problem.message for problem in error.problems}


async def test_search_shows_the_nearest_likely_employers(
    client: prediction_pb2_grpc.PredictionAsyncStub,
) -> None:
    request = prediction_pb2.SearchRecruteursRequest(romes=["D1102"], zone=PARIS, first=10)

    response = await client.SearchRecruteurs(request)

    edges, nodes = response.edges, [edge.node for edge in response.edges]
    assert 3 < len(edges) <= response.total_count
    assert [edge.distance_km for edge in edges] == sorted(edge.distance_km for edge in edges)
    assert all(edge.distance_km == round(edge.distance_km, 2) <= 30 for edge in edges)
    assert all(edge.score >= 20 and list(edge.romes) == ["D1102"] for edge in edges)
    assert not any(edge.raisons or edge.node.raisons for edge in edges)
    assert all(node.naf.code == "1071C" and node.fictive for node in nodes)
    assert all(node.lieu.HasField("point") and node.lieu.departement in {"75", "93"} for node in nodes)


async def test_reasons_come_when_asked_for(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    request = prediction_pb2.SearchRecruteursRequest(romes=["D1102"], zone=PARIS, first=5, with_raisons=True)

    response = await client.SearchRecruteurs(request)

    for edge in response.edges:
        assert any("secteur" in raison.libelle for raison in edge.raisons)
        assert sum(abs(raison.poids) for raison in edge.raisons) <= 1 + 1e-9
        assert not edge.node.raisons


async def test_an_employer_is_the_same_whatever_the_job_asked_for(
    client: prediction_pb2_grpc.PredictionAsyncStub,
) -> None:
    def asked(*romes: str) -> prediction_pb2.SearchRecruteursRequest:
        return prediction_pb2.SearchRecruteursRequest(
            romes=romes, first=100, score_min=0, with_raisons=True, with_raisons_generales=True
        )

    one, other = [
        {edge.node.siret: edge for edge in (await client.SearchRecruteurs(asked(*romes))).edges}
        for romes in (["D1102"], ["D1102", "D1106"])
    ]

    both = set(one) & set(other)
    assert both
    assert all(one[siret].node == other[siret].node for siret in both)
    assert all("secteur" not in str(one[siret].node.raisons) for siret in both)
    assert any(one[siret].romes != other[siret].romes for siret in both)
    by_siret = await client.GetRecruteurs(prediction_pb2.GetRecruteursRequest(sirets=sorted(both)))
    assert {each.siret: each.score for each in by_siret.recruteurs} == {
        siret: one[siret].node.score for siret in both
    }


async def test_cursors_lead_through_every_row_once(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    for sort in (prediction_pb2.RECRUTEUR_SORT_DISTANCE, prediction_pb2.RECRUTEUR_SORT_SCORE):
        request = prediction_pb2.SearchRecruteursRequest(romes=["G1602"], zone=PARIS, sort=sort, first=100)
        whole = await client.SearchRecruteurs(request)
        sirets: list[str] = []
        request.first = 7
        while True:
            page = await client.SearchRecruteurs(request)
            sirets += [edge.node.siret for edge in page.edges]
            if not page.has_next_page:
                break
            request.after = page.edges[-1].cursor

        assert sirets == [edge.node.siret for edge in whole.edges]
        assert len(sirets) == whole.total_count


async def test_whole_france_is_searched_by_score_without_distances(
    client: prediction_pb2_grpc.PredictionAsyncStub,
) -> None:
    response = await client.SearchRecruteurs(
        prediction_pb2.SearchRecruteursRequest(romes=["G1602"], first=100)
    )

    scores = [edge.score for edge in response.edges]
    assert scores == sorted(scores, reverse=True)
    assert not any(edge.HasField("distance_km") for edge in response.edges)


async def test_threshold_may_be_chosen(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    counts = [
        (
            await client.SearchRecruteurs(
                prediction_pb2.SearchRecruteursRequest(romes=["G1602"], score_min=score)
            )
        ).total_count
        for score in (0, 20, 60, 100)
    ]

    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[1] > counts[2]


async def test_no_row_wanted_gives_the_total_alone(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    response = await client.SearchRecruteurs(prediction_pb2.SearchRecruteursRequest(romes=["G1602"], first=0))

    assert not response.edges
    assert response.total_count > 0
    assert response.has_next_page


async def test_every_problem_of_a_search_is_told_at_once(
    client: prediction_pb2_grpc.PredictionAsyncStub,
) -> None:
    request = prediction_pb2.SearchRecruteursRequest(
        romes=["D1102", "boulanger"],
        zone=geo_pb2.Zone(origin=geo_pb2.Point(latitude=100), rayon_km=-1),
        first=101,
        after="?",
        score_min=101,
    )

    problems = await problems_of(client.SearchRecruteurs(request))

    assert set(problems) == {
        "romes[1]",
        "zone.origin.latitude",
        "zone.rayon_km",
        "first",
        "after",
        "score_min",
    }
    assert "D1102" in problems["romes[1]"]


@pytest.mark.parametrize("romes", [[], ["D1102"] * 51])
async def test_number_of_jobs_is_limited(
    client: prediction_pb2_grpc.PredictionAsyncStub, romes: list[str]
) -> None:
    assert set(
        await problems_of(client.SearchRecruteurs(prediction_pb2.SearchRecruteursRequest(romes=romes)))
    ) == {"romes"}


async def test_cursor_of_another_search_is_refused(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    request = prediction_pb2.SearchRecruteursRequest(romes=["G1602"], zone=PARIS, first=1)
    request.after = (await client.SearchRecruteurs(request)).edges[0].cursor
    request.romes.append("D1102")

    problems = await problems_of(client.SearchRecruteurs(request))

    assert "autre recherche" in problems["after"]


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    sort=st.sampled_from(prediction_pb2.RecruteurSort.values()),
    zone=st.sampled_from([None, PARIS]),
)
async def test_whatever_comes_as_a_cursor_is_read_or_refused(
    client: prediction_pb2_grpc.PredictionAsyncStub,
    data: st.DataObject,
    sort: prediction_pb2.RecruteurSort.ValueType,
    zone: geo_pb2.Zone | None,
) -> None:
    request = prediction_pb2.SearchRecruteursRequest(romes=["G1602"], zone=zone, sort=sort, first=2)
    request.after = data.draw(tampered((await client.SearchRecruteurs(request)).edges[0].cursor))

    await check_judged(client.SearchRecruteurs(request))


async def test_employers_come_in_the_order_asked_for(
    client: prediction_pb2_grpc.PredictionAsyncStub, ranking: Ranking
) -> None:
    wanted = [siret(9), siret(4), siret(999_999), siret(2)]

    response = await client.GetRecruteurs(prediction_pb2.GetRecruteursRequest(sirets=wanted))

    assert [each.siret for each in response.recruteurs] == [siret(9), siret(4), siret(2)]
    assert list(response.missing) == [siret(999_999)]
    row = ranking.table.row_of(siret(4))
    assert row is not None
    assert response.recruteurs[1].score == ranking.scores[row]


async def test_bad_sirets_are_each_named(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    request = prediction_pb2.GetRecruteursRequest(sirets=[siret(1), "12", "٣" * 14, *[siret(1)] * 98])

    assert set(await problems_of(client.GetRecruteurs(request))) == {"sirets", "sirets[1]", "sirets[2]"}


async def test_reasons_of_the_general_score_come_with_employers_found_by_siret(
    client: prediction_pb2_grpc.PredictionAsyncStub, ranking: Ranking, model: Model
) -> None:
    wanted = [siret(4), siret(2)]

    response = await client.GetRecruteurs(prediction_pb2.GetRecruteursRequest(sirets=wanted))

    rows = [ranking.table.row_of(each) or 0 for each in wanted]
    expected = explain(ranking, model.predict, rows, [None, None])
    assert [_reasons(each.raisons) for each in response.recruteurs] == [
        [(raison.libelle, raison.poids) for raison in raisons] for raisons in expected
    ]
    assert any(expected)


def _reasons(raisons: Iterable[prediction_pb2.Raison]) -> list[tuple[str, float]]:
    return [(raison.libelle, raison.poids) for raison in raisons]


async def test_scores_are_explained_as_the_search_gives_them(
    client: prediction_pb2_grpc.PredictionAsyncStub,
) -> None:
    search = prediction_pb2.SearchRecruteursRequest(romes=["D1102"], first=20, with_raisons=True)
    found = (await client.SearchRecruteurs(search)).edges
    request = prediction_pb2.ExplainRecruteursRequest(
        sirets=[siret(999_999), *(edge.node.siret for edge in found)], rome="D1102"
    )

    response = await client.ExplainRecruteurs(request)

    assert list(response.missing) == [siret(999_999)]
    assert [(each.siret, each.score, _reasons(each.raisons)) for each in response.explications] == [
        (edge.node.siret, edge.score, _reasons(edge.raisons)) for edge in found
    ]
    for each in response.explications:
        assert each.affinite == pytest.approx(0.6)
        assert each.score_general >= each.score
        assert each.score_general == ALTERNANCE.score(each.embauches_prevues)
        assert each.raisons


async def test_unknown_pair_is_explained_by_the_general_score(
    client: prediction_pb2_grpc.PredictionAsyncStub,
) -> None:
    sirets = [siret(4)]

    request = prediction_pb2.ExplainRecruteursRequest(sirets=sirets, rome="A1101")
    (explained,) = (await client.ExplainRecruteurs(request)).explications

    (general,) = (await client.GetRecruteurs(prediction_pb2.GetRecruteursRequest(sirets=sirets))).recruteurs
    assert not explained.HasField("affinite")
    assert explained.score == explained.score_general == general.score
    assert _reasons(explained.raisons) == _reasons(general.raisons) != []


async def test_malformed_question_names_its_fields(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    request = prediction_pb2.ExplainRecruteursRequest(sirets=["x", *[siret(1)] * 100], rome="y")

    assert set(await problems_of(client.ExplainRecruteurs(request))) == {"sirets", "sirets[0]", "rome"}


async def test_service_without_data_does_not_serve(tmp_path: Path, model: Model) -> None:
    async with serving(tmp_path, model) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        status = await check(health_pb2.HealthCheckRequest(service=SERVICE.full_name))
        error = await refusal(
            stub(channel).SearchRecruteurs(prediction_pb2.SearchRecruteursRequest(romes=["D1102"]))
        )

    assert status.status == health_pb2.HealthCheckResponse.NOT_SERVING
    assert isinstance(error, UpstreamUnavailable)


async def test_bakers_around_paris_are_a_list_that_one_can_read(real_state: Path, model: Model) -> None:
    request = prediction_pb2.SearchRecruteursRequest(romes=["D1102"], zone=PARIS, first=100)

    async with serving(real_state, model) as channel:
        response = await stub(channel).SearchRecruteurs(request)

    assert 20 <= response.total_count <= 300
    assert response.edges[0].distance_km < 2


async def test_event_loop_does_not_compute(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    search = prediction_pb2.SearchRecruteursRequest(romes=["D1102"], first=5, with_raisons=True)

    with called_on_this_thread() as called:
        found = await client.SearchRecruteurs(search)
        sirets = [edge.node.siret for edge in found.edges]
        await client.GetRecruteurs(prediction_pb2.GetRecruteursRequest(sirets=sirets))
        await client.ExplainRecruteurs(prediction_pb2.ExplainRecruteursRequest(sirets=sirets, rome="D1102"))

    assert sirets
    assert "PredictionServicer.SearchRecruteurs" in called
    assert not {"Ranking.search", "explain", "Model.predict"} & called

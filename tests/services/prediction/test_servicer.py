from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import grpc
import numpy as np
import pytest
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2

from protos import geo_pb2, prediction_pb2, prediction_pb2_grpc
from services.common.channel import open_channel
from services.common.errors import InvalidRequest, NotFound, ServiceError, UpstreamUnavailable, from_rpc
from services.common.server import running_server
from services.prediction.features import FEATURE_NAMES
from services.prediction.model import Model
from services.prediction.ranking import Ranking
from services.prediction.score import ALTERNANCE
from services.prediction.servicer import PredictionServicer
from services.prediction.store import RecruteurStore
from tests.support.prediction.small_france import siret

SERVICE = prediction_pb2.DESCRIPTOR.services_by_name["Prediction"]

PARIS = geo_pb2.Zone(origin=geo_pb2.Point(latitude=48.8566, longitude=2.3522), rayon_km=30)


@asynccontextmanager
async def serving(state: Path, model: Model) -> AsyncIterator[grpc.aio.Channel]:
    """A real server of the employers in a folder, and a channel to it."""
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

    nodes = [edge.node for edge in response.edges]
    assert 3 < len(nodes) <= response.total_count
    assert [node.distance_km for node in nodes] == sorted(node.distance_km for node in nodes)
    assert all(node.distance_km == round(node.distance_km, 2) <= 30 for node in nodes)
    assert all(node.score >= 20 and node.naf.code == "1071C" and node.fictive for node in nodes)
    assert all(list(node.romes) == ["D1102"] and not node.raisons for node in nodes)
    assert all(node.lieu.HasField("point") and node.lieu.departement in {"75", "93"} for node in nodes)


async def test_reasons_come_when_asked_for(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    request = prediction_pb2.SearchRecruteursRequest(romes=["D1102"], zone=PARIS, first=5, with_raisons=True)

    response = await client.SearchRecruteurs(request)

    for edge in response.edges:
        assert any("embauche" in raison.libelle for raison in edge.node.raisons)
        assert sum(abs(raison.poids) for raison in edge.node.raisons) <= 1 + 1e-9


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

    scores = [edge.node.score for edge in response.edges]
    assert scores == sorted(scores, reverse=True)
    assert not any(edge.node.HasField("distance_km") for edge in response.edges)


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
    assert not response.recruteurs[1].romes


async def test_bad_sirets_are_each_named(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    request = prediction_pb2.GetRecruteursRequest(sirets=[siret(1), "12", "٣" * 14, *[siret(1)] * 98])

    assert set(await problems_of(client.GetRecruteurs(request))) == {"sirets", "sirets[1]", "sirets[2]"}


async def test_score_is_explained(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    found = await client.SearchRecruteurs(prediction_pb2.SearchRecruteursRequest(romes=["D1102"], first=1))
    best = found.edges[0].node

    response = await client.Explain(prediction_pb2.ExplainRequest(siret=best.siret, rome="D1102"))

    assert response.score == best.score
    assert response.affinite == pytest.approx(0.6)
    assert response.score_general >= response.score
    assert response.score_general == ALTERNANCE.score(response.embauches_prevues)
    assert response.raisons


async def test_unknown_pair_is_explained_by_the_general_score(
    client: prediction_pb2_grpc.PredictionAsyncStub,
) -> None:
    response = await client.Explain(prediction_pb2.ExplainRequest(siret=siret(1), rome="A1101"))

    assert not response.HasField("affinite")
    assert response.score == response.score_general


async def test_unknown_employer_is_not_found(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    error = await refusal(client.Explain(prediction_pb2.ExplainRequest(siret=siret(999_999), rome="D1102")))

    assert isinstance(error, NotFound)


async def test_malformed_question_names_its_fields(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    assert set(await problems_of(client.Explain(prediction_pb2.ExplainRequest(siret="x", rome="y")))) == {
        "siret",
        "rome",
    }


async def test_features_are_scored_in_their_order(
    client: prediction_pb2_grpc.PredictionAsyncStub, model: Model
) -> None:
    rows = [[0, 0, 0, 0, 0, 0, 0, 1], [5, 9, 5, 9, 5, 9, 5, 50]]
    request = prediction_pb2.ScoreRequest(
        features=[prediction_pb2.Features(embauches=row[:7], effectif=row[7]) for row in rows]
    )

    response = await client.Score(request)

    expected = model.predict(np.array(rows, dtype=np.float64))
    assert [each.embauches_prevues for each in response.predictions] == expected.tolist()
    assert [each.score for each in response.predictions] == ALTERNANCE.score(expected).tolist()


async def test_nothing_to_score_is_no_error(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    assert not (await client.Score(prediction_pb2.ScoreRequest())).predictions


async def test_bad_features_are_each_named(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    request = prediction_pb2.ScoreRequest(
        features=[
            prediction_pb2.Features(embauches=[1] * 7, effectif=3),
            prediction_pb2.Features(embauches=[1] * 6, effectif=float("nan")),
            prediction_pb2.Features(embauches=[1, 1, -1, 1, 1, float("inf"), 1], effectif=3),
        ]
    )

    assert set(await problems_of(client.Score(request))) == {
        "features[1].embauches",
        "features[1].effectif",
        "features[2].embauches[2]",
        "features[2].embauches[5]",
    }


async def test_number_of_features_is_limited(client: prediction_pb2_grpc.PredictionAsyncStub) -> None:
    row = prediction_pb2.Features(embauches=[1] * 7, effectif=3)

    assert set(await problems_of(client.Score(prediction_pb2.ScoreRequest(features=[row] * 1001)))) == {
        "features"
    }
    assert len((await client.Score(prediction_pb2.ScoreRequest(features=[row] * 1000))).predictions) == 1000


async def test_model_says_what_serves(client: prediction_pb2_grpc.PredictionAsyncStub, model: Model) -> None:
    response = await client.GetModel(prediction_pb2.GetModelRequest())

    assert response.version == model.card.version
    assert list(response.features) == list(FEATURE_NAMES)
    assert "simulées" in response.description
    assert datetime.fromisoformat(response.trained_le).tzinfo is not None
    assert response.recruteurs_count == 400


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
    assert response.edges[0].node.distance_km < 2

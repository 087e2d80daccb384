"""The RPCs of lba.prediction.v1.Prediction."""

# ruff: noqa: ARG002, N802 - names and signatures are those of the contract.
from __future__ import annotations

from protos import prediction_pb2, prediction_pb2_grpc
from services.common.checks import raise_if_any
from services.common.errors import NotFound
from services.prediction import convert, raisons
from services.prediction.checks import explain_problems, recruteurs_problems, score_problems
from services.prediction.ranking import Ranking
from services.prediction.recruteur import Match
from services.prediction.store import RecruteurStore


class PredictionServicer(prediction_pb2_grpc.PredictionServicer):
    """Employers who are likely to hire although they published nothing."""

    def __init__(self, store: RecruteurStore) -> None:
        self._store = store

    async def SearchRecruteurs(
        self, request: prediction_pb2.SearchRecruteursRequest, context: object
    ) -> prediction_pb2.SearchRecruteursResponse:
        criteria = convert.criteria_from_proto(request)
        ranking = await self._store.ranking()
        page = ranking.search(criteria)
        digest = convert.digest_of(request)
        nodes = [_match_to_proto(ranking, match) for match in page.matches]
        if request.with_raisons:
            self._add_raisons(ranking, page.matches, nodes)
        return prediction_pb2.SearchRecruteursResponse(
            edges=[
                prediction_pb2.RecruteurEdge(cursor=convert.cursor_of(match.position, digest), node=node)
                for match, node in zip(page.matches, nodes, strict=True)
            ],
            total_count=page.total_count,
            has_next_page=page.has_next_page,
        )

    async def GetRecruteurs(
        self, request: prediction_pb2.GetRecruteursRequest, context: object
    ) -> prediction_pb2.GetRecruteursResponse:
        raise_if_any(recruteurs_problems(request))
        ranking = await self._store.ranking()
        rows = {siret: ranking.table.row_of(siret) for siret in request.sirets}
        return prediction_pb2.GetRecruteursResponse(
            recruteurs=[
                convert.recruteur_to_proto(
                    ranking.table.recruteur(row), int(ranking.scores[row]), fictive=ranking.table.fictive
                )
                for row in rows.values()
                if row is not None
            ],
            missing=[siret for siret, row in rows.items() if row is None],
        )

    async def Explain(
        self, request: prediction_pb2.ExplainRequest, context: object
    ) -> prediction_pb2.ExplainResponse:
        raise_if_any(explain_problems(request))
        ranking = await self._store.ranking()
        row = ranking.table.row_of(request.siret)
        if row is None:
            raise NotFound(f"aucun employeur de SIRET {request.siret}")
        affinity = ranking.affinity(row, request.rome)
        (why,) = raisons.explain(
            ranking, self._store.model.predict, [row], [request.rome if affinity else None]
        )
        return prediction_pb2.ExplainResponse(
            score=ranking.score_for_job(row, request.rome),
            score_general=int(ranking.scores[row]),
            embauches_prevues=float(ranking.predicted[row]),
            affinite=affinity or None,
            raisons=map(convert.raison_to_proto, why),
        )

    async def Score(
        self, request: prediction_pb2.ScoreRequest, context: object
    ) -> prediction_pb2.ScoreResponse:
        raise_if_any(score_problems(request))
        predicted = self._store.model.predict(convert.features_from_proto(request))
        scores = self._store.curve.score(predicted)
        return prediction_pb2.ScoreResponse(
            predictions=[
                prediction_pb2.ScoreResponse.Prediction(embauches_prevues=hirings, score=score)
                for hirings, score in zip(predicted.tolist(), scores.tolist(), strict=True)
            ]
        )

    async def GetModel(
        self, request: prediction_pb2.GetModelRequest, context: object
    ) -> prediction_pb2.GetModelResponse:
        card = self._store.model.card
        ranking = await self._store.ranking()
        return prediction_pb2.GetModelResponse(
            version=card.version,
            trained_le=card.trained_le,
            features=card.features,
            description=card.description,
            mean_absolute_error=card.mean_absolute_error,
            recruteurs_count=len(ranking.table),
        )

    def _add_raisons(
        self,
        ranking: Ranking,
        matches: tuple[Match, ...],
        nodes: list[prediction_pb2.RecruteurProbable],
    ) -> None:
        rows, romes = [match.row for match in matches], [match.romes[0] for match in matches]
        explained = raisons.explain(ranking, self._store.model.predict, rows, romes)
        for node, why in zip(nodes, explained, strict=True):
            node.raisons.extend(map(convert.raison_to_proto, why))


def _match_to_proto(ranking: Ranking, match: Match) -> prediction_pb2.RecruteurProbable:
    node = convert.recruteur_to_proto(
        ranking.table.recruteur(match.row),
        match.position.score,
        fictive=ranking.table.fictive,
        distance_km=match.position.distance_km,
    )
    node.romes.extend(match.romes)
    return node

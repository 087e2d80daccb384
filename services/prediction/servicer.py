"""The RPCs of lba.prediction.v1.Prediction."""

# ruff: noqa: ARG002, N802 - names and signatures are those of the contract.
from __future__ import annotations

from collections.abc import Sequence

from protos import prediction_pb2, prediction_pb2_grpc
from services.common.errors import InvalidRequest, NotFound
from services.prediction import convert, raisons
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
        edges = [
            convert.match_to_edge(match, _recruteur_to_proto(ranking, match.row), digest)
            for match in page.matches
        ]
        if request.with_raisons:
            self._explain(ranking, page.matches, edges, [match.romes[0] for match in page.matches])
        if request.with_raisons_generales:
            self._explain(ranking, page.matches, [edge.node for edge in edges], [None] * len(edges))
        return prediction_pb2.SearchRecruteursResponse(
            edges=edges,
            total_count=page.total_count,
            has_next_page=page.has_next_page,
        )

    async def GetRecruteurs(
        self, request: prediction_pb2.GetRecruteursRequest, context: object
    ) -> prediction_pb2.GetRecruteursResponse:
        sirets = convert.sirets_from_proto(request)
        ranking = await self._store.ranking()
        rows = {siret: ranking.table.row_of(siret) for siret in sirets}
        return prediction_pb2.GetRecruteursResponse(
            recruteurs=[_recruteur_to_proto(ranking, row) for row in rows.values() if row is not None],
            missing=[siret for siret, row in rows.items() if row is None],
        )

    async def Explain(
        self, request: prediction_pb2.ExplainRequest, context: object
    ) -> prediction_pb2.ExplainResponse:
        problems = convert.siret_problems("siret", request.siret) + convert.rome_problems(
            "rome", request.rome
        )
        if problems:
            raise InvalidRequest(problems)
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

    def _explain(
        self,
        ranking: Ranking,
        matches: Sequence[Match],
        explained: Sequence[prediction_pb2.RecruteurEdge | prediction_pb2.RecruteurProbable],
        romes: Sequence[str | None],
    ) -> None:
        """Add the reasons of each match's score for the job beside it; None is all jobs together."""
        rows = [match.row for match in matches]
        found = raisons.explain(ranking, self._store.model.predict, rows, romes)
        for message, why in zip(explained, found, strict=True):
            message.raisons.extend(map(convert.raison_to_proto, why))


def _recruteur_to_proto(ranking: Ranking, row: int) -> prediction_pb2.RecruteurProbable:
    table = ranking.table
    return convert.recruteur_to_proto(table.recruteur(row), int(ranking.scores[row]), fictive=table.fictive)

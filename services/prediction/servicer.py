"""The RPCs of lba.prediction.v1.Prediction."""

# ruff: noqa: ARG002, N802 - names and signatures are those of the contract.
from __future__ import annotations

import asyncio
from collections.abc import Sequence

from protos import prediction_pb2, prediction_pb2_grpc
from services.common.checks import raise_if_any
from services.prediction import convert, raisons
from services.prediction.checks import explain_problems, recruteurs_problems
from services.prediction.ranking import Ranking
from services.prediction.recruteur import Criteria
from services.prediction.store import RecruteurStore

_Explained = prediction_pb2.RecruteurEdge | prediction_pb2.RecruteurProbable | prediction_pb2.Explication


class PredictionServicer(prediction_pb2_grpc.PredictionServicer):
    """Employers who are likely to hire although they published nothing.

    A request takes several milliseconds of computing on whole columns, so each computes in a thread.
    """

    def __init__(self, store: RecruteurStore) -> None:
        self._store = store

    async def SearchRecruteurs(
        self, request: prediction_pb2.SearchRecruteursRequest, context: object
    ) -> prediction_pb2.SearchRecruteursResponse:
        criteria = convert.criteria_from_proto(request)
        ranking = await self._store.ranking()
        return await asyncio.to_thread(self._search, ranking, criteria, request)

    def _search(
        self, ranking: Ranking, criteria: Criteria, request: prediction_pb2.SearchRecruteursRequest
    ) -> prediction_pb2.SearchRecruteursResponse:
        page = ranking.search(criteria)
        digest = convert.digest_of(request)
        edges = [
            convert.match_to_edge(match, _recruteur_to_proto(ranking, match.row), digest)
            for match in page.matches
        ]
        if request.with_raisons:
            rows, romes = [match.row for match in page.matches], [match.romes[0] for match in page.matches]
            self._add_raisons(ranking, rows, romes, edges)
        if request.with_raisons_generales:
            rows = [match.row for match in page.matches]
            self._add_raisons(ranking, rows, [None] * len(rows), [edge.node for edge in edges])
        return prediction_pb2.SearchRecruteursResponse(
            edges=edges,
            total_count=page.total_count,
            has_next_page=page.has_next_page,
        )

    async def GetRecruteurs(
        self, request: prediction_pb2.GetRecruteursRequest, context: object
    ) -> prediction_pb2.GetRecruteursResponse:
        raise_if_any(recruteurs_problems(request))
        return await asyncio.to_thread(self._recruteurs, await self._store.ranking(), request)

    def _recruteurs(
        self, ranking: Ranking, request: prediction_pb2.GetRecruteursRequest
    ) -> prediction_pb2.GetRecruteursResponse:
        rows, missing = _rows_of(ranking, request.sirets)
        nodes = [_recruteur_to_proto(ranking, row) for row in rows]
        self._add_raisons(ranking, rows, [None] * len(rows), nodes)
        return prediction_pb2.GetRecruteursResponse(recruteurs=nodes, missing=missing)

    async def ExplainRecruteurs(
        self, request: prediction_pb2.ExplainRecruteursRequest, context: object
    ) -> prediction_pb2.ExplainRecruteursResponse:
        raise_if_any(explain_problems(request))
        return await asyncio.to_thread(self._explications, await self._store.ranking(), request)

    def _explications(
        self, ranking: Ranking, request: prediction_pb2.ExplainRecruteursRequest
    ) -> prediction_pb2.ExplainRecruteursResponse:
        rome = request.rome
        rows, missing = _rows_of(ranking, request.sirets)
        explications = [_explication_to_proto(ranking, row, rome) for row in rows]
        self._add_raisons(ranking, rows, [rome] * len(rows), explications)
        return prediction_pb2.ExplainRecruteursResponse(explications=explications, missing=missing)

    def _add_raisons(
        self,
        ranking: Ranking,
        rows: Sequence[int],
        romes: Sequence[str | None],
        messages: Sequence[_Explained],
    ) -> None:
        """Add to each message the reasons of a row's score for a job; None is all jobs together."""
        explained = raisons.explain(ranking, self._store.model.predict, rows, romes)
        for message, why in zip(messages, explained, strict=True):
            message.raisons.extend(map(convert.raison_to_proto, why))


def _rows_of(ranking: Ranking, sirets: Sequence[str]) -> tuple[list[int], list[str]]:
    """The table rows of the known SIRETs, and the unknown SIRETs."""
    found = {siret: ranking.table.row_of(siret) for siret in sirets}
    known = [row for row in found.values() if row is not None]
    return known, [siret for siret, row in found.items() if row is None]


def _explication_to_proto(ranking: Ranking, row: int, rome: str) -> prediction_pb2.Explication:
    return prediction_pb2.Explication(
        siret=ranking.table.siret[row].decode(),
        score=ranking.score_for_job(row, rome),
        score_general=int(ranking.scores[row]),
        embauches_prevues=float(ranking.predicted[row]),
        affinite=ranking.affinity(row, rome) or None,
    )


def _recruteur_to_proto(ranking: Ranking, row: int) -> prediction_pb2.RecruteurProbable:
    table = ranking.table
    return convert.recruteur_to_proto(table.recruteur(row), int(ranking.scores[row]), fictive=table.fictive)

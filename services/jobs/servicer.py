"""The RPCs of `protos/jobs.proto`."""

from __future__ import annotations

import math
from bisect import bisect_right

from pydantic import FiniteFloat, TypeAdapter

from protos import jobs_pb2, jobs_pb2_grpc
from services.common import deadline
from services.common.checks import raise_if_any
from services.common.cursor import decode_cursor, encode_cursor, search_digest
from services.common.errors import InvalidRequest, Problem
from services.france.communes import Communes
from services.jobs.checks import offre_problems
from services.jobs.convert import criteria_from_proto, offre_to_proto, row_to_edge
from services.jobs.details import Details
from services.jobs.offre import Criteria, SortKey
from services.jobs.search import Search
from services.jobs.settings import Settings
from services.jobs.store import FranceTravail
from services.jobs.zone import to_queries

SERVICE_NAME = jobs_pb2.DESCRIPTOR.services_by_name["Jobs"].full_name

_KEY = TypeAdapter(tuple[FiniteFloat | None, str])
"""A SortKey as a cursor holds it: JSON has no infinity."""


class JobsServicer(jobs_pb2_grpc.JobsServicer):
    """Searches the partner's offers."""

    def __init__(self, store: FranceTravail, communes: Communes, settings: Settings) -> None:
        self._communes = communes
        self._timeout_s = settings.timeout_s
        self._search = Search(store, settings.max_pages, settings.cache_s, settings.cache_entries)
        self._details = Details(store, self._search.seen, settings.cache_s, settings.cache_entries)

    async def SearchOffres(  # noqa: N802 - gRPC's name
        self, request: jobs_pb2.SearchOffresRequest, _context: object
    ) -> jobs_pb2.SearchOffresResponse:
        """A page of the offers found."""
        criteria, after, digest = self._read(request)
        found = await self._search.find(to_queries(criteria, self._communes), self._ends_at())
        rows = found.rows(criteria)
        start = 0 if after is None else bisect_right(rows, after, key=lambda row: row.key)
        page = rows[start : start + request.first]
        return jobs_pb2.SearchOffresResponse(
            edges=[row_to_edge(row, _cursor(digest, row.key)) for row in page],
            total_count=len(rows),
            has_next_page=start + len(page) < len(rows),
            partial=found.partial,
        )

    async def GetOffre(  # noqa: N802 - gRPC's name
        self, request: jobs_pb2.GetOffreRequest, _context: object
    ) -> jobs_pb2.GetOffreResponse:
        """One offer."""
        raise_if_any(offre_problems(request))
        offre = await self._details.find(request.id, self._ends_at())
        return jobs_pb2.GetOffreResponse(offre=offre_to_proto(offre))

    def _read(self, request: jobs_pb2.SearchOffresRequest) -> tuple[Criteria, SortKey | None, str]:
        digest = search_digest(request)
        problems: list[Problem] = []
        criteria: Criteria | None = None
        after: SortKey | None = None
        try:
            criteria = criteria_from_proto(request, self._communes)
        except InvalidRequest as error:
            problems += error.problems
        try:
            after = _read_cursor(request.after, digest)
        except InvalidRequest as error:
            problems += error.problems
        if criteria is None or problems:
            raise InvalidRequest(problems)
        return criteria, after, digest

    def _ends_at(self) -> float:
        return deadline.ends_at(self._timeout_s)


def _cursor(digest: str, key: SortKey) -> str:
    number, offre_id = key
    return encode_cursor(digest, [None if math.isinf(number) else number, offre_id])


def _read_cursor(cursor: str, digest: str) -> SortKey | None:
    if not cursor:
        return None
    number, offre_id = decode_cursor(cursor, digest, _KEY)
    return math.inf if number is None else number, offre_id

"""The store of trainings on an Elasticsearch index; `query.py` builds its requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from elasticsearch import AsyncElasticsearch, NotFoundError
from pydantic import TypeAdapter

from services.catalogue.criteria import (
    NO_SESSION,
    FormationCriteria,
    FormationPage,
    FoundFormation,
    PageWanted,
    Position,
)
from services.catalogue.engine.elasticsearch.client import elasticsearch_call
from services.catalogue.engine.elasticsearch.facets import facet_aggregations, read_facets
from services.catalogue.engine.elasticsearch.query import UNKNOWN_DISTANCE, Body, nearest_body, search_body
from services.catalogue.engine.grid import round_zone_to_grid
from services.catalogue.formation import Formation

_FORMATION = TypeAdapter(Formation)

_RESPONSE_FIELDS = "hits.total.value,hits.hits._source,hits.hits._score,hits.hits.sort,aggregations"


class ElasticsearchFormationStore:
    """The trainings of one generation, in their own index.

    Its index is deleted when two newer generations have been published. Requests then go to the live
    alias, until the service has opened the new generation.
    """

    def __init__(self, client: AsyncElasticsearch, index: str, alias: str, at_most_s: float) -> None:
        self._client = client
        self._index = index
        self._alias = alias
        self._at_most_s = at_most_s

    async def ping(self) -> None:
        """Raise UpstreamUnavailable when the index can't be searched."""
        await self._search({"size": 0, "track_total_hits": False, "terminate_after": 1})

    async def search(self, criteria: FormationCriteria, page: PageWanted) -> FormationPage:
        """The rows that meet the criteria, in the order wanted."""
        criteria = replace(criteria, zone=round_zone_to_grid(criteria.zone))
        body = search_body(criteria, page)
        if page.with_facets:
            body["aggs"] = facet_aggregations(criteria)
        answer = await self._search(body)
        hits, total = _hits(answer), answer["hits"]["total"]["value"]
        nearest: Sequence[Mapping[str, Any]] = ()
        if not total and criteria.zone.rayon_km is not None:
            nearest = _hits(await self._search(nearest_body(criteria)))
        return FormationPage(
            rows=_rows(hits[: page.first], criteria),
            total=total,
            has_next=len(hits) > page.first,
            facets=read_facets(answer["aggregations"], page) if page.with_facets else None,
            plus_proches=_rows(nearest, criteria),
        )

    async def by_ids(self, ids: Sequence[str]) -> dict[str, Formation]:
        """The trainings that exist, by id."""
        wanted = [each for each in dict.fromkeys(ids) if each]
        if not wanted:
            return {}
        answer = await self._search(
            {"query": {"ids": {"values": wanted}}, "size": len(wanted), "track_total_hits": False}
        )
        found = (each["_source"]["formation"] for each in _hits(answer))
        return {each["id"]: _FORMATION.validate_python(each) for each in found}

    async def _search(self, body: Body) -> Mapping[str, Any]:
        async with elasticsearch_call(self._at_most_s):
            try:
                return await self._request(self._index, body)
            except NotFoundError:
                return await self._request(self._alias, body)

    async def _request(self, index: str, body: Body) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = (
            await self._client.search(
                index=index, body=body, filter_path=_RESPONSE_FIELDS, allow_partial_search_results=False
            )
        ).body
        return answer


def _hits(answer: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    # `filter_path` leaves empty lists out of the answer.
    found: Sequence[Mapping[str, Any]] = answer.get("hits", {}).get("hits", ())
    return found


def _rows(hits: Sequence[Mapping[str, Any]], criteria: FormationCriteria) -> tuple[FoundFormation, ...]:
    measured = criteria.zone.origin is not None
    scored = criteria.texte is not None
    return tuple(_row(hit, measured=measured, scored=scored) for hit in hits)


def _row(hit: Mapping[str, Any], *, measured: bool, scored: bool) -> FoundFormation:
    formation = _FORMATION.validate_python(hit["_source"]["formation"])
    # The sort keys always end with distance (when there is an origin), title and id.
    distance, title = hit["sort"][-3] if measured else None, hit["sort"][-2]
    sessions = formation.sessions
    position = Position(
        score=round(hit["_score"]) if scored else 0,
        mots=len(title.split()),
        first_month=int(sessions[0].replace("-", "")) if sessions else NO_SESSION,
        distance_km=None if distance == UNKNOWN_DISTANCE else distance,
        title=title,
        id=formation.id,
    )
    return FoundFormation(formation, position)

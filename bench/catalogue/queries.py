"""The searches to measure: through the store of the service, and as queries written by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import product
from typing import Any

from elasticsearch import AsyncElasticsearch

from bench.support.engine import TODAY
from services.catalogue.criteria import (
    TEXT_FIELDS,
    WITHIN_KM,
    FormationCriteria,
    FormationPage,
    FormationSort,
    PageWanted,
    Position,
)
from services.catalogue.live import Catalogue
from services.catalogue.text.analyser import Analyser
from services.catalogue.text.query import expand
from services.catalogue.text.synonyms import read_synonyms
from services.catalogue.zone import AroundCommune, ZoneResolver
from services.france.geo import Zone

ROMES = ("D1102", "D1202", "G1602", "F1602", "M1203", "I1604", "D1401", "A1203")
INSEE = ("75056", "13055", "37261", "25056", "49007", "63113", "67482", "33063", "76351", "35238")
TEXTS = (
    "boulanger",
    "cap coiffure",
    "bts mco",
    "aide soignante",
    "électricien tours",
    "développeur web",
    "cap petite enfance",
    "bac pro commerce",
    "maintenance véhicules",
    "comptabilité",
    "bts ndrc marseille",
    "patisier",
    "electrotecnique",
    "coiff",
)
Body = dict[str, Any]

RAYON_KM = 30.0
_ROWS = 20
_PAGE = 500
_WALK_ROWS = 100

ROME, TEXT, FACETS = "ROME + 30 km", "free text", "ROME + 30 km + facets"
FIRST_PAGE, DEEP_PAGE = "page 1 of France", f"page {_PAGE} of France"
KINDS = (ROME, TEXT, FACETS, FIRST_PAGE, DEEP_PAGE)
_IN_ORDER: Body = {"query": {"match_all": {}}, "sort": [{"title": "asc"}, {"id": "asc"}]}
_AGGREGATIONS: Body = {
    name: {"terms": {"field": name, "size": 200}}
    for name in ("niveau", "diplome", "domaines", "departement", "mois")
} | {"qualiopi": {"filter": {"term": {"qualiopi": True}}}}

Search = Callable[[int], Awaitable[object]]
"""Runs the search with this number; the criteria repeat when all have been used."""


class Searches:
    """The searches through the store of the service."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.analyser = Analyser()
        self._synonyms = read_synonyms(self.analyser)
        zones = catalogue.zones
        self.around = [(rome, _zone(zones, insee)) for rome, insee in product(ROMES, INSEE)]

    def kinds(self, last_seen: Position) -> dict[str, Search]:
        return {
            ROME: self._rome,
            TEXT: self._text,
            FACETS: self._facets,
            FIRST_PAGE: lambda _: self._page(None),
            DEEP_PAGE: lambda _: self._page(last_seen),
        }

    async def position_before_deep_page(self) -> Position:
        """The position of the last row before page 500 of the whole of France."""
        last_seen: Position | None = None
        remaining = (_PAGE - 1) * _ROWS
        while remaining:
            page = PageWanted(min(remaining, _WALK_ROWS), after=last_seen)
            found = await self._search(FormationCriteria(), page)
            if not found.rows:
                raise SystemExit(f"page {_PAGE} needs more trainings")
            remaining -= len(found.rows)
            last_seen = found.rows[-1].position
        if last_seen is None:
            raise SystemExit("nothing to walk over")
        return last_seen

    async def _rome(self, number: int) -> FormationPage:
        return await self._search(self._criteria(number), PageWanted(_ROWS))

    async def _facets(self, number: int) -> FormationPage:
        page = PageWanted(_ROWS, with_facets=True, today=f"{TODAY:%Y-%m}")
        return await self._search(self._criteria(number), page)

    async def _page(self, after: Position | None) -> FormationPage:
        return await self._search(FormationCriteria(), PageWanted(_ROWS, after=after))

    async def _text(self, number: int) -> FormationPage:
        texte = expand(TEXTS[number % len(TEXTS)], self.analyser, self._catalogue.vocabulary, self._synonyms)
        return await self._search(
            FormationCriteria(texte=texte), PageWanted(_ROWS, sort=FormationSort.RELEVANCE)
        )

    async def _search(self, criteria: FormationCriteria, page: PageWanted) -> FormationPage:
        return await self._catalogue.formations.search(criteria, page)

    def _criteria(self, number: int) -> FormationCriteria:
        rome, zone = self.around[number % len(self.around)]
        return FormationCriteria(romes=frozenset([rome]), zone=zone)


class HandWritten:
    """The same searches with the bare client, on the same index; answers are not parsed into objects."""

    def __init__(self, client: AsyncElasticsearch, index: str, searches: Searches) -> None:
        self._client = client
        self._index = index
        self._around = [(rome, _point(zone)) for rome, zone in searches.around]
        self._tokens = [searches.analyser.tokens(texte) for texte in TEXTS]

    def kinds(self, last_seen: Position) -> dict[str, Search]:
        return {
            ROME: lambda number: self._search(self._near(number)),
            TEXT: lambda number: self._search(self._text(number)),
            FACETS: lambda number: self._search(self._with_facets(number)),
            FIRST_PAGE: lambda _: self._search(_IN_ORDER),
            DEEP_PAGE: lambda _: self._search(_IN_ORDER | {"search_after": [last_seen.title, last_seen.id]}),
        }

    async def _search(self, body: Body) -> object:
        request = {"size": _ROWS, "track_total_hits": True, **body}
        return await self._client.search(index=self._index, body=request)

    def _near(self, number: int) -> Body:
        rome, point = self._around[number % len(self._around)]
        return {
            "query": {"bool": {"filter": [{"term": {"romes": rome}}, _circle(point, RAYON_KM)]}},
            "sort": [{"_geo_distance": {"point": point, "unit": "km"}}, {"title": "asc"}, {"id": "asc"}],
        }

    def _with_facets(self, number: int) -> Body:
        """The facet of distances ignores the radius; the other facets are within it."""
        rome, point = self._around[number % len(self._around)]
        within = {str(km): _circle(point, km) for km in WITHIN_KM}
        return self._near(number) | {
            "query": {"bool": {"filter": [{"term": {"romes": rome}}, _circle(point, max(WITHIN_KM))]}},
            "post_filter": _circle(point, RAYON_KM),
            "aggs": {
                "near": {"filter": _circle(point, RAYON_KM), "aggs": _AGGREGATIONS},
                "distances": {"filters": {"filters": within}},
            },
        }

    def _text(self, number: int) -> Body:
        fields = [f"t_{name}^{weight}" for name, weight in TEXT_FIELDS.items()]
        words = [
            {"multi_match": {"query": token, "fields": fields, "type": "best_fields"}}
            for token in self._tokens[number % len(self._tokens)]
        ]
        return {"query": {"bool": {"must": words}}}


def _point(zone: Zone) -> Body:
    if zone.origin is None:
        raise SystemExit("a place without a point")
    return {"lat": zone.origin.latitude, "lon": zone.origin.longitude}


def _circle(point: Body, rayon_km: float) -> Body:
    return {"geo_distance": {"distance": f"{rayon_km:g}km", "point": point}}


def _zone(zones: ZoneResolver, insee: str) -> Zone:
    return zones.resolve(AroundCommune(insee, RAYON_KM)).zone

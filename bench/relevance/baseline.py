"""The baseline: the search of the real service's first version, on a real Elasticsearch.

Its index of jobs contains the families of jobs, its index of diplomas the titles of the catalogue. The
typed text is split into words: the first word, and the others of more than two letters. Each word may
match (`should`) as a phrase prefix in the best field, with the weights below. The page shows four jobs,
four diplomas, then the rest. Three of its fields are missing, because the open file does not have them
(mots_clefs_specifiques, sous_domaine_onisep, intitules_fap).

Its analyser, "folding", is the standard tokenizer with lower case and ASCII folding. The server of
`deploy.local.engines.elasticsearch` has no ASCII folding, so texts are folded before they are sent.

The first version had no text search over trainings. Here it searches them as it searches diplomas, by
the words and the acronyms of the title.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elasticsearch import AsyncElasticsearch
from elasticsearch.helpers import async_bulk

from services.catalogue.formation import Formation
from services.catalogue.importing.destination import Edition
from services.catalogue.rome import Rome
from services.common.table import read_json
from services.france.geo import Zone
from services.france.names import fold

JOB_WEIGHTS = {
    "sous_domaine": 80,
    "appellations_romes": 15,
    "intitules_romes": 7,
    "intitules_rncps": 7,
    "domaine": 3,
    "mots_clefs": 3,
}
DIPLOMA_WEIGHTS = {"intitule_long": 1, "acronymes_intitule": 2}

_JOBS, _DIPLOMAS, _FORMATIONS = "baseline-jobs", "baseline-diplomas", "baseline-formations"
_SIZE = 20
_SHOWN_FIRST = 4
_STOP_WORDS = frozenset("a au aux avec d dans de des du en et l la le les ou par pour sur un une".split())  # noqa: SIM905 - on one line


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggested job or diploma."""

    libelle: str
    romes: tuple[str, ...]


class Baseline:
    """The three indexes of the baseline, on the server of the client."""

    def __init__(self, client: AsyncElasticsearch) -> None:
        self._client = client
        self._jobs: list[Suggestion] = []
        self._diplomas: list[Suggestion] = []
        self._formations: list[Formation] = []

    @property
    def suggestions(self) -> Sequence[Suggestion]:
        """All possible suggestions."""
        return [*self._jobs, *self._diplomas]

    async def load(self, data: Path, edition: Edition) -> None:
        formations = [each.formation for each in edition.formations]
        romes = {each.code: each for each in edition.tables.romes}
        domaines: list[dict[str, Any]] = read_json(data, "domaines_metiers.json")
        self._jobs = [Suggestion(each["sous_domaine"], tuple(each["codes_romes"])) for each in domaines]
        jobs = [_job(each, romes) for each in domaines]
        await self._index(_JOBS, JOB_WEIGHTS, jobs)
        titles: dict[str, list[str]] = {}
        for formation in formations:
            titles.setdefault(formation.intitule, []).extend(formation.romes)
        self._diplomas = [Suggestion(title, tuple(dict.fromkeys(codes))) for title, codes in titles.items()]
        await self._index(_DIPLOMAS, DIPLOMA_WEIGHTS, [_diploma(title) for title in titles])
        self._formations = formations
        await self._index(
            _FORMATIONS, DIPLOMA_WEIGHTS, [_diploma(each.intitule) | _place(each) for each in formations]
        )

    async def metiers(self, texte: str) -> list[Suggestion]:
        jobs = [self._jobs[row] for row in await self._search(_JOBS, JOB_WEIGHTS, texte)]
        found = [self._diplomas[row] for row in await self._search(_DIPLOMAS, DIPLOMA_WEIGHTS, texte)]
        by_label: dict[str, Suggestion] = {}
        for each in found:
            by_label.setdefault(each.libelle.partition("(")[0].strip(), each)
        diplomas = list(by_label.values())
        first = jobs[:_SHOWN_FIRST] + diplomas[:_SHOWN_FIRST]
        return first + jobs[_SHOWN_FIRST:] + diplomas[_SHOWN_FIRST:]

    async def formations(self, texte: str, zone: Zone | None) -> list[Formation]:
        found = await self._search(_FORMATIONS, DIPLOMA_WEIGHTS, texte, zone)
        return [self._formations[row] for row in found]

    async def _index(self, name: str, fields: Iterable[str], rows: Sequence[Mapping[str, Any]]) -> None:
        texts = {field: {"type": "text", "analyzer": "standard"} for field in fields}
        await self._client.indices.create(
            index=name,
            mappings={"dynamic": False, "properties": {**texts, "point": {"type": "geo_point"}}},
            settings={"number_of_shards": 1, "number_of_replicas": 0},
        )
        actions = ({"_index": name, "_id": str(row), "_source": each} for row, each in enumerate(rows))
        await async_bulk(self._client, actions)
        await self._client.indices.refresh(index=name)

    async def _search(
        self, name: str, weights: Mapping[str, int], texte: str, zone: Zone | None = None
    ) -> list[int]:
        query: dict[str, Any] = {"should": _terms(weights, texte), "minimum_should_match": 1}
        if zone is not None and zone.origin is not None:
            point = {"lat": zone.origin.latitude, "lon": zone.origin.longitude}
            query["filter"] = {"geo_distance": {"distance": f"{zone.rayon_km}km", "point": point}}
        answer = await self._client.search(index=name, query={"bool": query}, size=_SIZE, source=False)
        return [int(hit["_id"]) for hit in answer["hits"]["hits"]]


def _terms(weights: Mapping[str, int], texte: str) -> list[dict[str, Any]]:
    typed = fold(texte).split()
    kept = typed[:1] + [word for word in typed[1:] if len(word) > 2]
    fields = [f"{field}^{weight}" for field, weight in weights.items()]
    return [{"multi_match": {"query": word, "type": "phrase_prefix", "fields": fields}} for word in kept]


def _job(domaine: Mapping[str, Any], romes: Mapping[str, Rome]) -> dict[str, list[str]]:
    couples = domaine["couples_romes_metiers"]
    texts = {
        "sous_domaine": [domaine["sous_domaine"]],
        "appellations_romes": [each["intitule"] for each in couples],
        "intitules_romes": [romes[code].libelle for code in domaine["codes_romes"] if code in romes],
        "intitules_rncps": domaine["intitules_rncps"],
        "domaine": [domaine["domaine"]],
        "mots_clefs": [domaine["mots_clefs"]],
    }
    return {field: [fold(text) for text in values] for field, values in texts.items()}


def _diploma(title: str) -> dict[str, Any]:
    return {"intitule_long": fold(title), "acronymes_intitule": _acronyms(title)}


def _acronyms(title: str) -> list[str]:
    """The acronyms of the title, with and without stop words."""
    written = fold(title.partition("(")[0]).split()
    significant = [word for word in written if word not in _STOP_WORDS]
    return ["".join(word[0] for word in kept) for kept in (written, significant)]


def _place(formation: Formation) -> dict[str, Any]:
    point = formation.lieu.point
    return {"point": {"lat": point.latitude, "lon": point.longitude}} if point else {}

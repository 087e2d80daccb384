"""Searches the simulated offers as the partner searches real ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from deploy.sandbox.query import Query
from services.common.generation import Format, read_generation
from services.france.communes import Communes
from services.france.geo import Point, distance_km
from services.france.geo_columns import Floats, distances_km
from services.france.stored_communes import read_communes

FORMAT = Format("1", "python -m deploy.sandbox.load")
"""Of the offers and of the communes beside them."""

OFFRES_FILE = "offres.json"
LIFETIME_S = 60 * 86_400
"""An offer is published again every sixty days, so that offers of all ages exist at any time."""

_OVERSHOOT = 1.3
"""The search also returns offers up to this factor beyond the distance, as the partner's does."""
_PARIS, _LYON = ("75056", "75101"), ("69123", "69381")

Json = dict[str, Any]
"""A JSON object of the contract."""


@dataclass(frozen=True, slots=True)
class OffreSimulee:
    """A stored offer: the payload of the contract without dates, and the keys for searches."""

    payload: Json
    commune: str
    """INSEE code of the commune to find it by, even when the payload has none."""
    nature: str
    """Code E2 or FS; the payload has the label."""
    niveau: str | None
    """Code NV5 to NV1; the payload has the label."""
    phase_s: int
    """Time of its publications: seconds since the epoch, modulo LIFETIME_S."""
    update_s: int
    """Seconds between its publication and its last update."""

    @property
    def id(self) -> str:
        return str(self.payload["id"])

    def created_at(self, now: float) -> int:
        """The time of its last publication, in seconds since the epoch."""
        return self.phase_s + int((now - self.phase_s) // LIFETIME_S) * LIFETIME_S

    def to_json(self, now: float, site: str) -> Json:
        """The object of the contract at this time; `site` is the origin of its page's URL."""
        created = self.created_at(now)
        origine = self.payload["origineOffre"] | {"urlOrigine": f"{site}/offres/recherche/detail/{self.id}"}
        return self.payload | {
            "dateCreation": _iso(created),
            "dateActualisation": _iso(min(now, created + self.update_s)),
            "origineOffre": origine,
        }


@dataclass(frozen=True, slots=True)
class Resultat:
    """The rows of one page, with the number of rows on all pages."""

    rows: Sequence[OffreSimulee]
    total: int
    filtres: Json


class OffresSimulees:
    """All the offers, in memory."""

    def __init__(self, offres: Iterable[OffreSimulee], communes: Communes) -> None:
        self.communes = communes
        placed = [
            (offre, commune, commune.point)
            for offre in offres
            if (commune := communes.get(offre.commune)) and commune.point
        ]
        self._offres = [offre for offre, _, _ in placed]
        self._by_id = {offre.id: offre for offre in self._offres}
        self._by_rome: dict[str, list[int]] = defaultdict(list)
        for index, offre in enumerate(self._offres):
            self._by_rome[offre.payload["romeCode"]].append(index)
        self._departements = [commune.departement for _, commune, _ in placed]
        self._regions = [commune.region for _, commune, _ in placed]
        self._latitudes = np.array([point.latitude for _, _, point in placed], dtype=np.float64)
        self._longitudes = np.array([point.longitude for _, _, point in placed], dtype=np.float64)

    def __len__(self) -> int:
        return len(self._offres)

    def get(self, offre_id: str) -> OffreSimulee | None:
        return self._by_id.get(offre_id)

    def search(self, query: Query, now: float) -> Resultat:
        """The page that the query asks for."""
        distances = self._distances(query)
        indexes = [
            index
            for index in self._candidates(query)
            if self._is_within(index, query, distances) and _accepts(query, self._offres[index], now)
        ]

        def rank(index: int) -> tuple[float, float, str]:
            offre = self._offres[index]
            newest = -offre.created_at(now)
            distance = float(distances[index])
            # Every offer has the same relevance (sort 0), so the next keys decide.
            return (newest, distance, offre.id) if query.sort == 1 else (distance, newest, offre.id)

        indexes.sort(key=rank)
        found = [self._offres[index] for index in indexes]
        return Resultat(found[query.start : query.end + 1], len(found), _filtres(found))

    def _candidates(self, query: Query) -> Iterable[int]:
        if not query.romes:
            return range(len(self._offres))
        return (index for rome in query.romes for index in self._by_rome.get(rome, ()))

    def _distances(self, query: Query) -> Floats:
        """Distance of each offer from the nearest commune of the query; zeros when the query has none."""
        if not query.communes:
            return np.zeros(len(self._offres))
        columns = [
            distances_km(point, self._latitudes, self._longitudes) for point in self._points(query.communes)
        ]
        nearest: Floats = np.min(columns, axis=0)
        return nearest

    def _is_within(self, index: int, query: Query, distances: Floats) -> bool:
        if query.communes and not self._is_around(index, query, float(distances[index])):
            return False
        if query.departements and self._departements[index] not in query.departements:
            return False
        return not query.region or self._regions[index] == query.region

    def _is_around(self, index: int, query: Query, distance: float) -> bool:
        commune = self._offres[index].commune
        if commune in query.communes:
            return True
        if query.distance_km and distance <= query.distance_km * _OVERSHOOT:
            return True
        if commune.startswith("751"):
            return self._includes_paris(query)
        return commune.startswith("6938") and self._includes_centre(query, _LYON)

    def _includes_paris(self, query: Query) -> bool:
        return any(code.startswith("751") for code in query.communes) or self._includes_centre(query, _PARIS)

    def _includes_centre(self, query: Query, centre_codes: Sequence[str]) -> bool:
        centre = next(self._points(centre_codes), None)
        return centre is not None and any(
            distance_km(point, centre) <= query.distance_km for point in self._points(query.communes)
        )

    def _points(self, codes: Iterable[str]) -> Iterator[Point]:
        for code in codes:
            commune = self.communes.get(code)
            if commune is not None and commune.point is not None:
                yield commune.point


def _accepts(query: Query, offre: OffreSimulee, now: float) -> bool:
    payload = offre.payload
    # The partner treats typeContrat and natureContrat as alternatives: one match is enough.
    has_contract = payload["typeContrat"] in query.types or offre.nature in query.natures
    if (query.types or query.natures) and not has_contract:
        return False
    if query.niveau and offre.niveau != query.niveau:
        return False
    if query.nafs and payload.get("codeNAF") not in query.nafs:
        return False
    if not query.created_from <= offre.created_at(now) <= query.created_to:
        return False
    text = f"{payload['intitule']} {payload['romeCode']} {payload['romeLibelle']}".casefold()
    return all(word in text for word in query.mots)


def _filtres(found: Sequence[OffreSimulee]) -> Json:
    counts = {
        "typeContrat": Counter(offre.payload["typeContrat"] for offre in found),
        "experience": Counter("0" for _ in found),
        "qualification": Counter("0" for _ in found),
        "natureContrat": Counter(offre.nature for offre in found),
    }
    return {
        "filtresPossibles": [
            {
                "filtre": name,
                "agregation": [
                    {"valeurPossible": value, "nbResultats": count} for value, count in counter.most_common()
                ],
            }
            for name, counter in counts.items()
        ]
    }


def _iso(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def write_offres(folder: Path, offres: Sequence[OffreSimulee]) -> None:
    (folder / OFFRES_FILE).write_bytes(orjson.dumps(list(offres)))


def read_offres(folder: Path) -> list[OffreSimulee]:
    return [OffreSimulee(**row) for row in orjson.loads((folder / OFFRES_FILE).read_bytes())]


def read_state(state: Path) -> OffresSimulees:
    """The offers that were simulated last. Raises StateUnreadable."""
    return read_generation(
        state, FORMAT, lambda folder: OffresSimulees(read_offres(folder), read_communes(folder))
    )

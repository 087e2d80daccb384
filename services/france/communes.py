"""The communes of France as this service needs them: a place for a code, a code for a place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson

from services.france.geo import Point
from services.france.geo_columns import distances_km

COMMUNES_FILE = "communes.json"

WHOLE_CITIES = {"75056": "75101", "13055": "13201", "69123": "69381"}
"""Paris, Marseille and Lyon, with their first arrondissement: the partner only knows arrondissements."""

_ARRONDISSEMENTS = {"paris": 75100, "marseille": 13200, "lyon": 69380}
_ARRONDISSEMENT = re.compile(r"(paris|marseille|lyon) 0?(\d{1,2})(?:er|eme|e)?(?: arrondissement)?")


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune or an arrondissement, at its centre."""

    insee: str
    nom: str
    departement: str
    point: Point
    population: int = 0
    region: str = ""
    codes_postaux: tuple[str, ...] = ()


class Communes:
    """Every commune, found by code, by name or by place."""

    def __init__(self, communes: Iterable[Commune]) -> None:
        self._by_insee = {commune.insee: commune for commune in communes}
        if not self._by_insee:
            raise ValueError("the table of communes is empty")
        # A whole city is left out of the nearest: its arrondissements are there.
        self._placed = [commune for commune in self if commune.insee not in WHOLE_CITIES]
        self._latitudes = np.array([commune.point.latitude for commune in self._placed])
        self._longitudes = np.array([commune.point.longitude for commune in self._placed])
        self.departements = frozenset(commune.departement for commune in self)
        self._by_name = {(commune.departement, plain_name(commune.nom)): commune for commune in self}

    def __iter__(self) -> Iterator[Commune]:
        return iter(self._by_insee.values())

    def get(self, insee: str) -> Commune | None:
        return self._by_insee.get(insee)

    def named(self, departement: str, name: str) -> Commune | None:
        """The commune that a text like "CAHORS", "ST CERE" or "PARIS 15" names in a departement."""
        plain = plain_name(name)
        arrondissement = _ARRONDISSEMENT.fullmatch(plain)
        if arrondissement:
            code = _ARRONDISSEMENTS[arrondissement[1]] + int(arrondissement[2])
            found = self.get(str(code))
            return found if found and found.departement == departement else None
        return self._by_name.get((departement, plain))

    def nearest(self, point: Point) -> tuple[Commune, float]:
        """The commune whose centre is nearest, and how far it is in kilometres."""
        distances = distances_km(point, self._latitudes, self._longitudes)
        index = int(np.argmin(distances))
        return self._placed[index], float(distances[index])


def departement_of(insee: str) -> str:
    """Departement in a commune's code: "74010" → "74", "97411" → "974", "2A004" → "2A"."""
    return insee[:3] if insee.startswith(("97", "98")) else insee[:2]


def plain_name(name: str) -> str:
    """A commune's name without what its spellings differ in: "ST-CÉRÉ" and "Saint-Céré" are one."""
    unaccented = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "oe"))
    letters = "".join(
        c if c.isalnum() else " " for c in unaccented.casefold() if not unicodedata.combining(c)
    )
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in letters.split())


def write_communes(folder: Path, communes: Iterable[Commune]) -> None:
    (folder / COMMUNES_FILE).write_bytes(orjson.dumps(list(communes)))


def read_communes(folder: Path) -> Communes:
    return Communes(
        Commune(
            insee=row["insee"],
            nom=row["nom"],
            departement=row["departement"],
            point=Point(**row["point"]),
            population=row["population"],
            region=row["region"],
            codes_postaux=tuple(row["codes_postaux"]),
        )
        for row in orjson.loads((folder / COMMUNES_FILE).read_bytes())
    )

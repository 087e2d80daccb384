"""Finding an employer's commune, to know its INSEE code and to check where the employer is said to be."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.france.geo import Point, distance_km

COLUMNS = ("code_insee", "nom", "codes_postaux", "dep_code", "latitude", "longitude", "anciens_codes")

_FAR_KM = 20.0
"""No commune of mainland France reaches further from its centre (Arles: 17 km)."""
_FAR_IN_GUYANE_KM = 120.0


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune or an arrondissement; a few have no known centre."""

    insee: str
    nom: str
    departement: str
    centre: Point | None

    def is_far_from(self, point: Point) -> bool:
        limit_km = _FAR_IN_GUYANE_KM if self.departement == "973" else _FAR_KM
        return self.centre is not None and distance_km(point, self.centre) > limit_km


class Communes:
    """The communes by INSEE code, old ones included, and by postal code and name."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        self._by_code: dict[str, Commune] = {}
        self._by_postal_code: dict[str, dict[str, Commune]] = defaultdict(dict)
        self._by_departement: dict[str, dict[str, list[Commune]]] = defaultdict(lambda: defaultdict(list))
        old_codes: dict[str, Commune] = {}
        for row in rows:
            commune = _read(row)
            self._by_code[commune.insee] = commune
            old_codes |= dict.fromkeys(filter(None, row["anciens_codes"].split("|")), commune)
            for postal_code in row["codes_postaux"].split("|"):
                self._by_postal_code[postal_code][_plain(commune.nom)] = commune
            self._by_departement[commune.departement][_plain(commune.nom)].append(commune)
        self._by_code = old_codes | self._by_code

    def by_code(self, insee: str) -> Commune | None:
        return self._by_code.get(insee)

    def by_address(self, postal_code: str, name: str, point: Point | None) -> Commune | None:
        """The commune of this name; else, since communes merge, the nearest with this postal code."""
        candidates = self._by_postal_code.get(postal_code, {})
        plain = _plain(name)
        if plain in candidates:
            return candidates[plain]
        namesakes = self._by_departement[departement_of(postal_code)].get(plain, [])
        if len(namesakes) == 1:
            return namesakes[0]
        if point is None:
            return next(iter(candidates.values())) if len(candidates) == 1 else None
        near = [(distance_km(point, each.centre), each) for each in candidates.values() if each.centre]
        distance, nearest = min(near, key=lambda pair: pair[0], default=(_FAR_KM, None))
        return nearest if distance < _FAR_KM else None


def departement_of(postal_code: str) -> str:
    """Code of the departement that a postal code begins with, as INSEE writes it."""
    if postal_code.startswith("20"):
        return "2A" if postal_code[:3] in ("200", "201") else "2B"
    return postal_code[:3] if postal_code.startswith(("97", "98")) else postal_code[:2]


def _read(row: Mapping[str, str]) -> Commune:
    located = row["latitude"] and row["longitude"]
    centre = Point(float(row["latitude"]), float(row["longitude"])) if located else None
    return Commune(row["code_insee"], row["nom"], row["dep_code"], centre)


def _plain(name: str) -> str:
    # "ST-OUEN CEDEX 2", "Saint Ouen" and "SAINT-OUEN" are one commune.
    letters = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "OE"))
    words = re.sub(r"[^A-Z0-9]+", " ", letters.encode("ascii", "ignore").decode().upper()).split()
    if "CEDEX" in words:
        words = words[: words.index("CEDEX")]
    return " ".join({"ST": "SAINT", "STE": "SAINTE"}.get(word, word) for word in words)

"""INSEE codes of communes by postal code and name, for establishments that come without one."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from services.common.table import read_rows

_SAINT = re.compile(r"\bST(E?)\b")
_ARRONDISSEMENT = re.compile(r"\b\d+(?:E|ER|EME)?(?: ARRONDISSEMENT)?$|\bCEDEX\b.*$")


class Communes:
    """Looks a commune up; the postal code alone is enough where it is of one commune only."""

    def __init__(self) -> None:
        self._by_postal_code: dict[str, dict[str, str]] = {}

    def add(self, insee: str, nom: str, codes_postaux: list[str]) -> None:
        for code_postal in codes_postaux:
            self._by_postal_code.setdefault(code_postal, {})[_normal(nom)] = insee

    def code_of(self, code_postal: str, nom: str) -> str | None:
        """The INSEE code; None when it is not certain."""
        codes = self._by_postal_code.get(code_postal, {})
        if len(set(codes.values())) == 1:
            return next(iter(codes.values()))
        return codes.get(_normal(nom))


def read_communes(data: Path) -> Communes:
    communes = Communes()
    cities = set()
    rows = [row for _, row in read_rows(data, "communes.csv", _COLUMNS)]
    for row in rows:
        if row["type"].startswith("arrondissement") and row["commune_parente"]:
            cities.add(row["commune_parente"])
    for row in rows:
        # A city with arrondissements shares their postal codes: theirs is the code that is meant.
        if row["code_insee"] not in cities:
            communes.add(row["code_insee"], row["nom"], re.findall(r"\d{5}", row["codes_postaux"]))
    return communes


_COLUMNS = ("code_insee", "nom", "type", "commune_parente", "codes_postaux")


def _normal(nom: str) -> str:
    """The same for "Saint-Étienne", "ST ETIENNE" and "SAINT ETIENNE CEDEX 2"."""
    ascii_only = unicodedata.normalize("NFKD", nom).encode("ascii", "ignore").decode().upper()
    words = re.sub(r"[^A-Z0-9]+", " ", ascii_only).strip()
    return _SAINT.sub(r"SAINT\1", _ARRONDISSEMENT.sub("", words).strip())

"""The mappings, documents and index names of trainings and tables in Elasticsearch."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.catalogue.criteria import TEXT_FIELDS
from services.catalogue.text.analyser import VERSION
from services.catalogue.text.formation_tokens import IndexedFormation

FORMAT = 1
"""Increase it with every change of the layout: an index of another format is refused."""

_KEYWORD = {"type": "keyword"}
_TERM = {"type": "keyword", "doc_values": False}

FORMATIONS_MAPPING: Mapping[str, object] = {
    "dynamic": "strict",
    # Searches return the training alone. Storing nothing else avoids filtering the source of each hit.
    "_source": {"includes": ["formation"]},
    "properties": {
        "formation": {"type": "object", "enabled": False},
        "id": _KEYWORD,
        "title": _KEYWORD,
        "mots": {"type": "short"},
        "first_month": {"type": "integer"},
        "point": {"type": "geo_point"},
        "romes": _TERM,
        "grands_domaines": _TERM,
        "domaines": _KEYWORD,
        "rncp": _TERM,
        "commune": _TERM,
        "departement": _KEYWORD,
        "niveau": _KEYWORD,
        "diplome": _KEYWORD,
        "mois": _KEYWORD,
        "qualiopi": {"type": "boolean", "doc_values": False},
        # Tokens of the service's own analyser; as keywords, no analyser of the cluster changes them.
        **{f"t_{name}": _TERM for name in TEXT_FIELDS},
    },
}

TABLES_MAPPING: Mapping[str, object] = {
    "dynamic": "strict",
    "properties": {"part": {"type": "binary"}},
}


def formation_document(indexed: IndexedFormation) -> dict[str, object]:
    """The document of a training, without its empty fields."""
    formation, lieu = indexed.formation, indexed.formation.lieu
    fields = {
        "formation": formation,
        "id": formation.id,
        "title": indexed.title,
        "mots": indexed.mots,
        "first_month": indexed.first_month,
        "point": {"lat": lieu.point.latitude, "lon": lieu.point.longitude} if lieu.point else None,
        "romes": formation.romes,
        "grands_domaines": [each for each in indexed.domaines if len(each) == 1],
        "domaines": [each for each in indexed.domaines if len(each) > 1],
        "rncp": formation.rncp,
        "commune": lieu.insee,
        "departement": lieu.departement,
        "niveau": str(formation.niveau) if formation.niveau else None,
        "diplome": formation.diplome,
        "mois": formation.sessions,
        "qualiopi": formation.etablissement.qualiopi,
        **{f"t_{name}": tokens for name, tokens in indexed.tokens.items()},
    }
    return {name: value for name, value in fields.items() if value is not None and value != ()}


@dataclass(frozen=True, slots=True)
class Generation:
    """The names of two indexes, or of their two aliases."""

    formations: str
    tables: str

    def __iter__(self) -> Iterator[str]:
        return iter((self.formations, self.tables))


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the indexes and aliases under a prefix."""

    prefix: str

    @property
    def live(self) -> Generation:
        """The aliases of the served generation."""
        return Generation(f"{self.prefix}-formations", f"{self.prefix}-tables")

    @property
    def previous(self) -> Generation:
        """The aliases of the generation served before."""
        return Generation(f"{self.prefix}-formations-previous", f"{self.prefix}-tables-previous")

    @property
    def lock(self) -> str:
        """The index of the import lock."""
        return f"{self.prefix}-import"

    def new_generation(self, now: datetime) -> Generation:
        """Unique names that sort by time."""
        suffix = f"{_slug(VERSION)}-{now:%Y%m%d%H%M%S}{secrets.token_hex(3)}"
        return Generation(f"{self.live.formations}-{suffix}", f"{self.live.tables}-{suffix}")

    def generation_of(self, formations: str) -> Generation:
        """The generation whose trainings are in this index."""
        suffix = formations.removeprefix(self.live.formations)
        return Generation(formations, self.live.tables + suffix)

    def owned(self, indexes: Sequence[str]) -> list[str]:
        """The indexes of any generation under exactly this prefix, not under a longer one."""
        prefix = re.escape(self.prefix)
        pattern = re.compile(rf"{prefix}-(formations|tables)-[a-z0-9._]+-[0-9]{{14}}[0-9a-f]{{6}}")
        return [name for name in indexes if pattern.fullmatch(name)]


def _slug(version: str) -> str:
    """The version without hyphens, which separate the parts of an index name."""
    return re.sub(r"[^a-z0-9._]+", "_", version.lower())

"""Computes the keys that an engine indexes for a training, once for both engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.catalogue.criteria import NO_SESSION
from services.catalogue.formation import Formation
from services.catalogue.text.analyser import Analyser


@dataclass(frozen=True, slots=True)
class IndexedFormation:
    """A training with its keys for filtering, sorting and text search."""

    formation: Formation
    title: str
    """Folded."""
    mots: int
    """Number of words in the title."""
    first_month: int
    """First month of a session as a number, such as 202709; NO_SESSION without a session."""
    domaines: tuple[str, ...]
    """The prefixes of its ROME codes, of one and of three characters ("D", "D11"), ascending."""
    tokens: Mapping[str, tuple[str, ...]]
    """The distinct tokens of each field of TEXT_FIELDS, ascending."""


def index_formation(
    formation: Formation, rome_libelles: Mapping[str, str], analyser: Analyser
) -> IndexedFormation:
    """Compute the keys of a training. `rome_libelles` maps a ROME code to its label."""
    title, _ = formation.sort_key()
    etablissement = formation.etablissement
    texts = {
        "intitule": (formation.intitule,),
        "diplome": (formation.diplome, formation.intitule_rncp),
        "metier": tuple(rome_libelles.get(code) for code in formation.romes),
        "etablissement": (etablissement.raison_sociale, etablissement.enseigne),
        "lieu": (formation.lieu.commune, formation.lieu.code_postal),
    }
    tokens = {
        name: tuple(sorted({token for text in values if text for token in analyser.tokens(text)}))
        for name, values in texts.items()
    }
    tokens["acronyme"] = tuple(sorted(analyser.acronyms(formation.intitule)))
    return IndexedFormation(
        formation=formation,
        title=title,
        mots=len(title.split()),
        first_month=int(formation.sessions[0].replace("-", "")) if formation.sessions else NO_SESSION,
        domaines=tuple(sorted({rome[:length] for rome in formation.romes for length in (1, 3)})),
        tokens=tokens,
    )


def count_tokens(formations: Iterable[IndexedFormation]) -> dict[str, int]:
    """For each token, the number of trainings that have it in any field."""
    counts: Counter[str] = Counter()
    for each in formations:
        counts.update({token for tokens in each.tokens.values() for token in tokens})
    return dict(counts)

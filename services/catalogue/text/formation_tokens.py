"""What the engines hold of a training beside itself: computed once, the same for both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.catalogue.criteria import NO_SESSION
from services.catalogue.formation import Formation
from services.catalogue.text.analyser import Analyser


@dataclass(frozen=True, slots=True)
class IndexedFormation:
    """A training with its keys for filters, sorts and text."""

    formation: Formation
    title: str
    """Folded."""
    mots: int
    first_month: int
    domaines: tuple[str, ...]
    """Letters, and letters with two digits, of its ROME codes: "D", "D11"; ascending."""
    tokens: Mapping[str, tuple[str, ...]]
    """By field of TEXT_FIELDS, each token once, ascending."""


def index_formation(
    formation: Formation, rome_libelles: Mapping[str, str], analyser: Analyser
) -> IndexedFormation:
    """The training's keys; `rome_libelles` gives the label of each ROME code."""
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
        name: tuple(sorted({token for text in given if text for token in analyser.tokens(text)}))
        for name, given in texts.items()
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
    """Each token with the number of trainings that hold it, wherever."""
    counts: Counter[str] = Counter()
    for each in formations:
        counts.update({token for tokens in each.tokens.values() for token in tokens})
    return dict(counts)

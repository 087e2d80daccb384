"""Recognises kinds of diplomas, in titles of trainings and in typed text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.france.names import fold

# Patterns to search in the folded kind of diploma and in the parentheses of the title.
_PATTERNS_IN_TITLES = {
    "cap": r"capa?|certificat d aptitudes? professionnelles?",
    "bep": r"bepa?|brevet d etudes professionnelles",
    "bac pro": r"bac pro(fessionnel)?",
    "bp": r"bp|bpa[345]?|brevet professionnel",
    "bpjeps": r"bp jeps|brevet professionnel de la jeunesse",
    "bts": r"btsa?|brevet de technicien superieur",
    "dut": r"dut|diplome universitaire de technologie",
    "but": r"but|bachelor universitaire de technologie",
    "deust": r"deust|diplome d etudes universitaires de sciences et technologie",
    "licence pro": r"lp|licence professionnelle",
    "licence": r"licence|lic lmd|lp",
    "bachelor": r"bachelor",
    "master": r"master|mastere",
    "titre pro": r"tp|th de niv [0-9] ministere du travail",
    "mc": r"mc|mention complementaire",
    "cs": r"csa?|certificat de specialisation",
    "bm": r"bm|brevet de maitrise",
    "bma": r"bma|brevet des metiers d art",
    "btm": r"btm|brevet technique des metiers",
    "ctm": r"ctm|certificat technique des metiers",
    "dn made": r"dn made|diplome national des metiers d art",
    "dcg": r"dcg",
    "dscg": r"dscg",
    "de": r"diplome d etat|deaes|dejeps|de jeps",
    "ingenieur": r"ingenieurs?",
}
_PATTERNS = {kind: re.compile(rf"\b({pattern})\b") for kind, pattern in _PATTERNS_IN_TITLES.items()}

_TYPED_NAMES = {
    "cap agricole": ("cap",),
    "capa": ("cap",),
    "certificat d aptitude professionnelle": ("cap",),
    "bac pro agricole": ("bac pro",),
    "bac professionnel": ("bac pro",),
    "bacpro": ("bac pro",),
    "bac": ("bac pro",),
    "brevet professionnel": ("bp",),
    "bpa": ("bp",),
    "bp jeps": ("bpjeps",),
    "btsa": ("bts",),
    "bts agricole": ("bts",),
    "brevet de technicien superieur": ("bts",),
    "but": ("but", "dut"),
    "dut": ("dut", "but"),
    "iut": ("dut", "but"),
    "lp": ("licence pro",),
    "licence professionnelle": ("licence pro",),
    "mastere": ("master",),
    "tp": ("titre pro",),
    "titre professionnel": ("titre pro",),
    "mention complementaire": ("mc",),
    "brevet de maitrise": ("bm",),
    "brevet des metiers d art": ("bma",),
    "diplome d etat": ("de",),
    "diplome ingenieur": ("ingenieur",),
    "ecole d ingenieur": ("ingenieur",),
}
"""Other names that people type for a kind. The BUT has replaced the DUT since 2021."""

_AMBIGUOUS = frozenset({"de", "ingenieur"})
"""Kinds whose name has another meaning: "de" is a preposition, "ingenieur" is a job."""

_NAMES = {kind: (kind,) for kind in _PATTERNS_IN_TITLES if kind not in _AMBIGUOUS} | _TYPED_NAMES
_LONGEST_NAME = max(len(name.split()) for name in _NAMES)


@dataclass(frozen=True, slots=True)
class DiplomeTyped:
    """A typed text that names a kind of diploma: "cap cuisine"."""

    kinds: tuple[str, ...]
    """The kinds that the name may mean."""
    subject: tuple[str, ...]
    """The other words, folded."""


def diplome_kinds(intitule: str, diplome: str | None) -> tuple[str, ...]:
    """The kinds of a training, from the parentheses of its title and from its diploma in the catalogue."""
    texts = [fold(each) for each in re.findall(r"\(([^()]*)\)", intitule)]
    texts.append(fold(diplome or ""))
    return tuple(kind for kind, pattern in _PATTERNS.items() if any(map(pattern.search, texts)))


def read_diplome(typed: Sequence[str]) -> DiplomeTyped | None:
    """The first kind of diploma in the folded words, by its longest name; None without any."""
    for start in range(len(typed)):
        for length in range(min(_LONGEST_NAME, len(typed) - start), 0, -1):
            kinds = _NAMES.get(" ".join(typed[start : start + length]))
            if kinds:
                return DiplomeTyped(kinds, (*typed[:start], *typed[start + length :]))
    return None

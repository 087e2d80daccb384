"""Fictitious opening hours: the same SIRET gives the same rules."""

from __future__ import annotations

from datetime import time

from services.france.fictif import draw, generator
from services.rdv.creneau import Regle

OPEN_PERCENT = 60
"""Percentage of training centres that take appointments."""

_HALF_DAYS = ((time(9), time(12)), (time(14), time(17)))
_DUREES_MIN = (20, 30, 45)


def is_open(siret: str) -> bool:
    return draw(100, "rendez-vous", siret) < OPEN_PERCENT


def regles_of(siret: str) -> list[Regle]:
    """Rules for two to four half days a week, with slots of one length."""
    draws = generator(siret)
    duree_min = draws.choice(_DUREES_MIN)
    half_days = [(jour, start, end) for jour in range(5) for start, end in _HALF_DAYS]
    chosen = sorted(draws.sample(half_days, draws.randint(2, 4)))
    return [Regle(jour, start, end, duree_min) for jour, start, end in chosen]

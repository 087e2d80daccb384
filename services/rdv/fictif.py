"""Fictitious opening hours: the same SIRET gives the same rules."""

from __future__ import annotations

import hashlib
import random
from datetime import time

from services.rdv.creneau import Regle

OPEN_PERCENT = 60
"""Training centres that take appointments, of a hundred."""

_HALF_DAYS = ((time(9), time(12)), (time(14), time(17)))
_DUREES_MIN = (20, 30, 45)


def is_open(siret: str) -> bool:
    digest = hashlib.sha256(f"rendez-vous {siret}".encode()).digest()
    return int.from_bytes(digest[:8]) % 100 < OPEN_PERCENT


def regles_of(siret: str) -> list[Regle]:
    """From two to four half days a week, with slots of one length."""
    # Not for secrets: the same hours must come back at each import.
    dice = random.Random(siret)  # noqa: S311
    duree_min = dice.choice(_DUREES_MIN)
    half_days = [(jour, start, end) for jour in range(5) for start, end in _HALF_DAYS]
    chosen = sorted(dice.sample(half_days, dice.randint(2, 4)))
    return [Regle(jour, start, end, duree_min) for jour, start, end in chosen]

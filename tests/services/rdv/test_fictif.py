from __future__ import annotations

from datetime import time

from services.rdv.creneau import Regle
from services.rdv.fictif import is_open, regles_of


def test_siret_gives_the_same_hours_on_every_machine() -> None:
    assert regles_of("73282932000074") == [
        Regle(1, time(9), time(12), 45),
        Regle(1, time(14), time(17), 45),
    ]


def test_siret_is_open_or_closed_on_every_machine() -> None:
    sirets = ("73282932000074", "13000362700010", "13000460900017")

    assert list(map(is_open, sirets)) == [False, True, True]

"""The real trainings many times over, each copy somewhere near the first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from services.catalogue.importing.destination import Edition, manifest_of
from services.catalogue.text.formation_tokens import IndexedFormation, count_tokens
from services.france.geo import Point
from services.france.lieu import Lieu

_MOVED_KM = 20.0
_KM_PER_DEGREE = 111.2
_SEED = 20


def replicated(edition: Edition, size: int) -> Edition:
    """So many trainings: the real ones, then copies with other ids, moved by up to 20 km. Deterministic."""
    formations = list(_copies(edition.formations, size))
    tables = replace(edition.tables, vocabulary=count_tokens(formations))
    return replace(edition, formations=formations, tables=tables, manifest=manifest_of(formations, tables))


def _copies(originals: Sequence[IndexedFormation], size: int) -> Iterator[IndexedFormation]:
    random = np.random.default_rng(_SEED)
    for row in range(size):
        copy, number = divmod(row, len(originals))
        original = originals[number]
        # The square root spreads the points evenly over the disc.
        km, bearing = _MOVED_KM * math.sqrt(random.random()), math.tau * random.random()
        yield _copied(original, copy, km, bearing) if copy else original


def _copied(original: IndexedFormation, copy: int, km: float, bearing: float) -> IndexedFormation:
    formation = original.formation
    lieu = _moved(formation.lieu, km, bearing)
    return replace(original, formation=replace(formation, id=f"{formation.id}-{copy}", lieu=lieu))


def _moved(lieu: Lieu, km: float, bearing: float) -> Lieu:
    if lieu.point is None:
        return lieu
    north, east = km * math.cos(bearing) / _KM_PER_DEGREE, km * math.sin(bearing) / _KM_PER_DEGREE
    latitude = lieu.point.latitude + north
    longitude = lieu.point.longitude + east / math.cos(math.radians(lieu.point.latitude))
    return replace(lieu, point=Point(round(latitude, 5), round(longitude, 5)))

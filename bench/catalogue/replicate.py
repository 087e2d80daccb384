"""Replicates the real trainings to larger sets, and moves each copy by a random distance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from services.catalogue.importing.destination import Edition, manifest_of
from services.catalogue.text.formation_tokens import IndexedFormation, count_tokens
from services.france.geo import Point
from services.france.lieu import Lieu

_MAX_MOVE_KM = 20.0
_KM_PER_DEGREE = 111.2
_SEED = 20


def replicate(edition: Edition, size: int) -> Edition:
    """An edition of `size` trainings: the real ones, then copies with other ids, moved by up to 20 km.

    The result is deterministic.
    """
    formations = list(_copies(edition.formations, size))
    tables = replace(edition.tables, vocabulary=count_tokens(formations))
    return replace(edition, formations=formations, tables=tables, manifest=manifest_of(formations, tables))


def _copies(originals: Sequence[IndexedFormation], size: int) -> Iterator[IndexedFormation]:
    random = np.random.default_rng(_SEED)
    for row in range(size):
        copy, number = divmod(row, len(originals))
        original = originals[number]
        # The square root makes the points uniform over the disc.
        km, bearing = _MAX_MOVE_KM * math.sqrt(random.random()), math.tau * random.random()
        yield _copy(original, copy, km, bearing) if copy else original


def _copy(original: IndexedFormation, number: int, km: float, bearing: float) -> IndexedFormation:
    formation = original.formation
    lieu = _move(formation.lieu, km, bearing)
    return replace(original, formation=replace(formation, id=f"{formation.id}-{number}", lieu=lieu))


def _move(lieu: Lieu, km: float, bearing: float) -> Lieu:
    if lieu.point is None:
        return lieu
    north, east = km * math.cos(bearing) / _KM_PER_DEGREE, km * math.sin(bearing) / _KM_PER_DEGREE
    latitude = lieu.point.latitude + north
    longitude = lieu.point.longitude + east / math.cos(math.radians(lieu.point.latitude))
    return replace(lieu, point=Point(round(latitude, 5), round(longitude, 5)))

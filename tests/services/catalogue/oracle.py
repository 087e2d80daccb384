"""The same search, written as plainly as can be: every row is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from services.catalogue.formation import NIVEAUX, Formation, FormationCriteria
from services.common.geo import Zone
from services.common.geo_columns import distances_km


def matching(
    formations: Sequence[Formation],
    criteria: FormationCriteria,
    *,
    any_niveau: bool = False,
    anywhere: bool = False,
) -> list[tuple[float | None, Formation]]:
    """Every row that meets the criteria with its distance, in order."""
    distances = _distances(formations, criteria.zone)
    found = [
        (distance, each)
        for distance, each in zip(distances, formations, strict=True)
        if _meets(each, criteria, any_niveau=any_niveau) and (anywhere or _inside(distance, criteria.zone))
    ]
    return sorted(found, key=lambda pair: (np.inf if pair[0] is None else pair[0], *pair[1].sort_key()))


def levels(formations: Sequence[Formation], criteria: FormationCriteria) -> tuple[tuple[int, int], ...]:
    counts = Counter(each.niveau for _, each in matching(formations, criteria, any_niveau=True))
    return tuple((niveau, counts[niveau]) for niveau in NIVEAUX if counts[niveau])


def _distances(formations: Sequence[Formation], zone: Zone) -> list[float | None]:
    if zone.origin is None:
        return [None] * len(formations)
    points = [each.lieu.point for each in formations]
    latitudes = np.array([point.latitude if point else np.nan for point in points])
    longitudes = np.array([point.longitude if point else np.nan for point in points])
    measured = distances_km(zone.origin, latitudes, longitudes)
    return [None if np.isnan(distance) else float(distance) for distance in measured]


def _inside(distance: float | None, zone: Zone) -> bool:
    return zone.radius_km is None or (distance is not None and distance <= zone.radius_km)


def _meets(formation: Formation, criteria: FormationCriteria, *, any_niveau: bool) -> bool:
    zone, lieu = criteria.zone, formation.lieu
    domaine = criteria.rome_domaine
    return (
        (not criteria.romes or bool(criteria.romes & set(formation.romes)))
        and (not domaine or any(rome.startswith(domaine) for rome in formation.romes))
        and (not criteria.rncps or formation.rncp in criteria.rncps)
        and (not criteria.niveau or any_niveau or formation.niveau == criteria.niveau)
        and (not zone.communes or lieu.code_insee in zone.communes)
        and (not zone.departements or lieu.departement in zone.departements)
    )

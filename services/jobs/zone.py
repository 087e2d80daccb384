"""From the zone of a search to the questions that the partner understands."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.france.communes import Commune, Communes
from services.france.geo import Zone, distance_km
from services.jobs.offre import Criteria, Sort

_CODES_PER_QUERY = 5

# The partner measures to the centre of an offer's commune, which may be this much further than the
# offer: without it an offer across the edge of its commune would be missed. We filter again anyway.
_COMMUNE_REACH_KM = 3.0

# Further than this from any commune there is no offer: the origin is at sea or abroad.
_INHABITED_KM = 50.0


@dataclass(frozen=True, slots=True)
class Query:
    """One search at the partner's, its paging aside."""

    romes: str
    sort: int
    commune: str | None = None
    distance: int | None = None
    departement: str | None = None

    def params(self) -> dict[str, str]:
        """As the partner names them.

        typeContrat is never sent: the partner reads it as an alternative to natureContrat. Nor is
        niveauFormation: it would leave out the offers that name no level.
        """
        named = {
            "codeROME": self.romes,
            "natureContrat": "E2,FS",
            "sort": str(self.sort),
            "commune": self.commune,
            "distance": None if self.distance is None else str(self.distance),
            "departement": self.departement,
        }
        return {name: value for name, value in named.items() if value is not None}


def origin_commune(zone: Zone, communes: Communes) -> Commune | None:
    """The commune to search around: the one that the request names if the partner knows it."""
    if zone.origin is None:
        return None
    named = communes.get(zone.insee or "")
    if named is not None and communes.point_of(named):
        return named
    return communes.nearest(zone.origin)[0]


def to_queries(criteria: Criteria, communes: Communes) -> tuple[Query, ...]:
    """The questions whose answers hold every offer asked for, and more; none when there can be none."""
    romes, zone = ",".join(sorted(criteria.romes)), criteria.zone
    # When there are more offers than we read, those read are the ones that the order puts first.
    sort = 2 if criteria.sort is Sort.DISTANCE and zone.rayon_km is not None else 1
    if zone.communes:
        codes = _known_to_partner(zone.communes, communes)
        return tuple(Query(romes, sort, commune=group, distance=0) for group in _groups(codes))
    if zone.departements:
        groups = _groups(sorted(zone.departements & communes.departements))
        return tuple(Query(romes, sort, departement=group) for group in groups)
    if zone.rayon_km is None:
        return (Query(romes, sort),)
    return _around(romes, sort, zone, communes)


def _around(romes: str, sort: int, zone: Zone, communes: Communes) -> tuple[Query, ...]:
    commune = origin_commune(zone, communes)
    centre = None if commune is None else communes.point_of(commune)
    if commune is None or centre is None or zone.origin is None or zone.rayon_km is None:
        return ()
    # The partner's circle is around the commune's centre; ours, around the origin, must be within it.
    offset_km = distance_km(zone.origin, centre)
    if offset_km > zone.rayon_km + _INHABITED_KM:
        return ()
    distance = math.ceil(zone.rayon_km + offset_km + _COMMUNE_REACH_KM)
    return (Query(romes, sort, commune=commune.insee, distance=distance),)


def _known_to_partner(codes: Iterable[str], communes: Communes) -> Sequence[str]:
    # One code that the partner does not know has the whole question refused: only those on the map are sure.
    on_map = [commune for code in codes if (commune := communes.get(code)) and commune.point]
    arrondissements = {communes.first_arrondissement(commune).insee for commune in on_map}
    # Asked about one arrondissement of Paris the partner answers for the whole city: asking once is enough.
    return sorted({"75101" if code.startswith("751") else code for code in arrondissements})


def _groups(codes: Sequence[str]) -> list[str]:
    starts = range(0, len(codes), _CODES_PER_QUERY)
    return [",".join(codes[start : start + _CODES_PER_QUERY]) for start in starts]

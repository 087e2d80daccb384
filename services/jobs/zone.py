"""Translates the zone of a search into queries of the partner."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.france.communes import Commune, Communes
from services.france.geo import Zone, distance_km
from services.jobs.offre import Criteria, Sort

_CODES_PER_QUERY = 5

# The partner measures to the centre of an offer's commune, which may be this much further than the offer. The
# radius of the query is longer by as much, and the offers are filtered again here.
_COMMUNE_REACH_KM = 3.0

# An origin further than this from all communes is at sea or abroad, where there is no offer.
_INHABITED_KM = 50.0


@dataclass(frozen=True, slots=True)
class Query:
    """One query to the partner, without its paging."""

    romes: str
    sort: int
    commune: str | None = None
    distance: int | None = None
    departement: str | None = None

    def params(self) -> dict[str, str]:
        """The parameters of the query, with the names of the partner.

        typeContrat is not sent: the partner treats it as an alternative to natureContrat. niveauFormation is
        not sent: it would exclude offers without a level.
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
    """The commune at the centre of a search: the one asked if the partner knows it, else the nearest."""
    if zone.origin is None:
        return None
    named = communes.get(zone.insee or "")
    if named is not None and communes.point_of(named):
        return named
    return communes.nearest(zone.origin)[0]


def to_queries(criteria: Criteria, communes: Communes) -> tuple[Query, ...]:
    """Queries that together find all requested offers, and more; none if there can be no offer."""
    romes, zone = ",".join(sorted(criteria.romes)), criteria.zone
    # If there are more offers than we read, we read those that the order puts first.
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
    # The partner's circle has the commune's centre, and must contain our circle, which has the origin.
    offset_km = distance_km(zone.origin, centre)
    if offset_km > zone.rayon_km + _INHABITED_KM:
        return ()
    distance = math.ceil(zone.rayon_km + offset_km + _COMMUNE_REACH_KM)
    return (Query(romes, sort, commune=commune.insee, distance=distance),)


def _known_to_partner(codes: Iterable[str], communes: Communes) -> Sequence[str]:
    # The partner refuses a query with one unknown code, so only communes with coordinates are sent.
    on_map = [commune for code in codes if (commune := communes.get(code)) and commune.point]
    arrondissements = {communes.first_arrondissement(commune).insee for commune in on_map}
    # For one arrondissement of Paris the partner answers for the whole city, so one query is enough.
    return sorted({"75101" if code.startswith("751") else code for code in arrondissements})


def _groups(codes: Sequence[str]) -> list[str]:
    starts = range(0, len(codes), _CODES_PER_QUERY)
    return [",".join(codes[start : start + _CODES_PER_QUERY]) for start in starts]

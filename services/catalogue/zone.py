"""Resolves the place that a person names to the zone of a search.

This handles arrondissements, Corsica, the overseas departements and a radius of 0.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.common.checks import range_problems
from services.common.errors import InvalidRequest, Problem
from services.france.communes import Commune, Communes
from services.france.geo import MAX_RAYON_KM, Point, Zone, point_problems
from services.france.names import fold

_CORSICA = "20"
_CORSICAN_DEPARTEMENTS = ("2A", "2B")

# No point of a commune is further than this from its centre, even in the widest commune (Maripasoula).
_MAX_TO_CENTRE_KM = 100.0


@dataclass(frozen=True, slots=True)
class AroundPoint:
    """A circle around a point, or the commune that contains the point if the radius is 0."""

    point: Point
    rayon_km: float


@dataclass(frozen=True, slots=True)
class AroundCommune:
    """A circle around a commune, or the commune itself if the radius is 0."""

    insee: str
    rayon_km: float


@dataclass(frozen=True, slots=True)
class WholeDepartement:
    """A departement; "20" is the whole of Corsica."""

    code: str


@dataclass(frozen=True, slots=True)
class WholeRegion:
    """A region."""

    code: str


@dataclass(frozen=True, slots=True)
class WholeFrance:
    """The whole country."""


PlaceNamed = AroundPoint | AroundCommune | WholeDepartement | WholeRegion | WholeFrance


@dataclass(frozen=True, slots=True)
class NamedZone:
    """A zone with its French label."""

    zone: Zone
    libelle: str


class ZoneResolver:
    """Resolves places by the codes in the table of communes. Raises InvalidRequest for an unknown code."""

    def __init__(self, communes: Communes) -> None:
        self._communes = communes
        self._departements = {each.departement: each.departement_nom for each in communes}
        self._regions = {each.region: each.region_nom for each in communes}
        self._departements_by_region: dict[str, set[str]] = {}
        for each in communes:
            self._departements_by_region.setdefault(each.region, set()).add(each.departement)

    def resolve(self, place: PlaceNamed) -> NamedZone:
        match place:
            case AroundPoint():
                return self._around_point(place)
            case AroundCommune():
                return self._around_commune(place)
            case WholeDepartement():
                return self._departement(place.code.strip().upper())
            case WholeRegion():
                return self._region(place.code.strip())
            case WholeFrance():
                return NamedZone(Zone(), "France entière")

    def _around_point(self, place: AroundPoint) -> NamedZone:
        problems = point_problems("around.point", place.point)
        problems += _rayon_problems("around.rayon_km", place.rayon_km)
        if problems:
            raise InvalidRequest(problems)
        commune = self._commune_of(place.point)
        if place.rayon_km > 0:
            insee = commune.insee if commune else None
            where = _of(commune.nom) if commune else "du point donné"
            zone = Zone(origin=place.point, rayon_km=place.rayon_km, insee=insee)
            return NamedZone(zone, f"{_kilometres(place.rayon_km)} autour {where}")
        if commune is None:
            message = "aucune commune française à cet endroit ; donnez un point en France ou un rayon"
            raise InvalidRequest([Problem("around.point", message)])
        zone = Zone(origin=place.point, communes=frozenset([commune.insee]), insee=commune.insee)
        return NamedZone(zone, commune.nom)

    def _commune_of(self, point: Point) -> Commune | None:
        commune, distance_km = self._communes.nearest(point)
        return commune if distance_km <= _MAX_TO_CENTRE_KM else None

    def _around_commune(self, place: AroundCommune) -> NamedZone:
        problems = _rayon_problems("commune.rayon_km", place.rayon_km)
        commune = self._communes.get(place.insee.strip().upper())
        if commune is None:
            problems.append(Problem("commune.insee", self._unknown_commune(place.insee.strip())))
        elif place.rayon_km > 0 and commune.point is None:
            message = f"les coordonnées {_of(commune.nom)} sont inconnues ; demandez un rayon de 0"
            problems.append(Problem("commune.rayon_km", message))
        if problems or commune is None:
            raise InvalidRequest(problems)
        insee = self._communes.first_arrondissement(commune).insee
        if place.rayon_km > 0:
            zone = Zone(origin=commune.point, rayon_km=place.rayon_km, insee=insee)
            return NamedZone(zone, f"{_kilometres(place.rayon_km)} autour {_of(commune.nom)}")
        codes = {commune.insee, *(each.insee for each in self._communes.arrondissements(commune))}
        return NamedZone(Zone(origin=commune.point, communes=frozenset(codes), insee=insee), commune.nom)

    def _unknown_commune(self, code: str) -> str:
        of_postal_code = self._communes.with_postal_code(code)
        if not of_postal_code:
            return f"« {code} » n'est pas le code INSEE d'une commune ; cinq caractères, comme 35238 ou 2A004"
        named = ", ".join(f"{each.nom} ({each.insee})" for each in of_postal_code[:3])
        return f"« {code} » est un code postal, pas un code INSEE ; essayez {named}"

    def _departement(self, code: str) -> NamedZone:
        if code == _CORSICA:
            return NamedZone(Zone(departements=frozenset(_CORSICAN_DEPARTEMENTS)), "Corse (2A et 2B)")
        if code not in self._departements:
            message = f"« {code} » n'est pas le code d'un département ; par exemple 01, 2A, 20 (Corse) ou 974"
            raise InvalidRequest([Problem("departement", message)])
        return NamedZone(Zone(departements=frozenset([code])), f"{self._departements[code]} ({code})")

    def _region(self, code: str) -> NamedZone:
        if code not in self._regions:
            known = ", ".join(f"{each} ({name})" for each, name in sorted(self._regions.items()))
            message = f"« {code} » n'est pas le code INSEE d'une région ; les codes sont {known}"
            raise InvalidRequest([Problem("region", message)])
        return NamedZone(
            Zone(departements=frozenset(self._departements_by_region[code])), self._regions[code]
        )


def _rayon_problems(path: str, rayon_km: float) -> list[Problem]:
    return range_problems(path, rayon_km, 0, MAX_RAYON_KM, "km")


def _kilometres(rayon_km: float) -> str:
    return f"{rayon_km:g} km".replace(".", ",")


def _of(nom: str) -> str:
    """The name after "de", contracted or elided: "de Paris", "du Mans", "d'Arles"."""
    if nom.startswith("Le "):
        return f"du {nom[3:]}"
    if nom.startswith("Les "):
        return f"des {nom[4:]}"
    # H is left out: whether it is mute (d'Hyères) or not (de Ham) does not show in the letters.
    return f"d'{nom}" if fold(nom)[:1] in set("aeiou") else f"de {nom}"

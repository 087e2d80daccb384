"""The table of communes, with look-ups by code, name, address and position."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from services.france.codes import departement_of_code_postal
from services.france.commune_names import plain_name
from services.france.geo import Point, distance_km
from services.france.geo_columns import distances_km

K = TypeVar("K", bound=Hashable)

_GUYANE = "973"
_FAR_KM = 20.0
"""Longest distance from the centre of a commune to its border, in mainland France (Arles: 17 km)."""
_FAR_IN_GUYANE_KM = 120.0


@dataclass(frozen=True, slots=True)
class Commune:
    """A current commune, or an arrondissement of Paris, Lyon or Marseille."""

    insee: str
    nom: str
    departement: str
    departement_nom: str
    region: str
    region_nom: str
    codes_postaux: tuple[str, ...] = ()
    population: int = 0
    point: Point | None = None
    """Its centre; some overseas communes have none."""
    commune_parente: str | None = None
    """INSEE code of the city of an arrondissement."""
    anciens_codes: tuple[str, ...] = ()

    def is_far_from(self, point: Point) -> bool:
        """Whether the point is too far to be in the commune; False if its coordinates are unknown."""
        limit_km = _FAR_IN_GUYANE_KM if self.departement == _GUYANE else _FAR_KM
        return self.point is not None and distance_km(point, self.point) > limit_km


class Communes:
    """All communes, by code, address or position.

    A whole city is a commune with arrondissements. Look-ups that can be more precise return an arrondissement
    and not the city.
    """

    def __init__(self, communes: Iterable[Commune]) -> None:
        self._communes = tuple(communes)
        self._by_code = {former: each for each in self for former in each.anciens_codes}
        self._by_code |= {each.insee: each for each in self}
        self._parts = _grouped((each.commune_parente, each) for each in self if each.commune_parente)
        self._placed = [each for each in self if self.point_of(each)]
        if not self._placed:
            raise ValueError("no commune has coordinates")
        points = [each.point for each in self._placed if each.point]
        self._latitudes = np.array([point.latitude for point in points])
        self._longitudes = np.array([point.longitude for point in points])
        self.departements = frozenset(each.departement for each in self._placed)
        """The departements with known coordinates."""

    def __iter__(self) -> Iterator[Commune]:
        return iter(self._communes)

    def get(self, code: str) -> Commune | None:
        """The commune of an INSEE code; for a former code, the commune that absorbed it."""
        return self._by_code.get(code)

    def arrondissements(self, commune: Commune) -> Sequence[Commune]:
        """The arrondissements of a whole city, in the order of the table; none for any other commune."""
        return self._parts.get(commune.insee, ())

    def first_arrondissement(self, commune: Commune) -> Commune:
        """The first arrondissement of a city, for partners that know no whole city; else itself."""
        return min(self.arrondissements(commune), key=lambda each: each.insee, default=commune)

    def point_of(self, commune: Commune) -> Point | None:
        """The position of a commune. A whole city has none: it is too wide."""
        return None if commune.insee in self._parts else commune.point

    def with_postal_code(self, code_postal: str) -> Sequence[Commune]:
        """The communes of a postal code; in a whole city, only the arrondissement."""
        return self._by_postal_code.get(code_postal, ())

    def named(self, departement: str, nom: str) -> Commune | None:
        """The commune of a departement with a name like "CAHORS" or "PARIS 15"; None if there are several."""
        return _single(self._by_name.get((departement, plain_name(nom)), ()))

    def prepare_names(self) -> None:
        """Build the index of names now (0.2 s), so that the first look-up by name is not slow."""
        self.named("", "")

    def prepare_postal_codes(self) -> None:
        """Build the index of postal codes now, so that the first look-up by postal code is not slow."""
        self.with_postal_code("")

    def at_address(self, code_postal: str, nom: str, point: Point | None = None) -> Commune | None:
        """The commune with this name and postal code, or else the nearest one with the postal code.

        Communes merge, so the name may be a former one. Without a point, the postal code must have only one
        commune. None if the commune is uncertain.
        """
        named = _single(self._by_address.get((code_postal, plain_name(nom)), ()))
        named = named or self.named(departement_of_code_postal(code_postal), nom)
        if named is not None:
            return named
        candidates = self.with_postal_code(code_postal)
        return _single(candidates) if point is None else _nearest(candidates, point)

    def nearest(self, point: Point) -> tuple[Commune, float]:
        """The commune with the nearest centre, and its distance in kilometres; never a whole city."""
        distances = distances_km(point, self._latitudes, self._longitudes)
        best = int(np.argmin(distances))
        return self._placed[best], float(distances[best])

    # These indexes are built on first use, since no service needs all of them.

    @cached_property
    def _plain_names(self) -> Mapping[str, str]:
        return {each.insee: plain_name(each.nom) for each in self}

    @cached_property
    def _by_postal_code(self) -> Mapping[str, Sequence[Commune]]:
        parts = (each for each in self if each.insee not in self._parts)
        return _grouped((code, each) for each in parts for code in each.codes_postaux)

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], Sequence[Commune]]:
        return _grouped(((each.departement, self._plain_names[each.insee]), each) for each in self)

    @cached_property
    def _by_address(self) -> Mapping[tuple[str, str], Sequence[Commune]]:
        """By postal code and name; an arrondissement by the name of its city too."""
        names = self._plain_names
        return _grouped(
            ((code, names[insee]), each)
            for code, communes in self._by_postal_code.items()
            for each in communes
            for insee in (each.insee, each.commune_parente)
            if insee is not None and insee in names
        )


def _grouped(pairs: Iterable[tuple[K, Commune]]) -> dict[K, list[Commune]]:
    groups: dict[K, list[Commune]] = defaultdict(list)
    for key, commune in pairs:
        groups[key].append(commune)
    return dict(groups)


def _single(communes: Sequence[Commune]) -> Commune | None:
    return communes[0] if len(communes) == 1 else None


def _nearest(communes: Iterable[Commune], point: Point) -> Commune | None:
    near = [(distance_km(point, each.point), each) for each in communes if each.point]
    _, nearest = min(near, key=lambda pair: pair[0], default=(0.0, None))
    return None if nearest is None or nearest.is_far_from(point) else nearest

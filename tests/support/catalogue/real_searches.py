"""Generates searches like those of people, from values of the real trainings."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import TypeVar

from hypothesis import strategies as st

from protos import catalogue_pb2, diplome_pb2
from services.catalogue.convert import named_zone_to_proto
from services.catalogue.formation import Formation
from services.catalogue.importing.destination import Edition
from services.catalogue.zone import (
    AroundCommune,
    AroundPoint,
    PlaceNamed,
    WholeDepartement,
    WholeFrance,
    WholeRegion,
    ZoneResolver,
)
from services.france.communes import Communes
from services.france.geo import Point

Request = catalogue_pb2.SearchFormationsRequest

_Value = TypeVar("_Value")

NAMED_PLACES: tuple[PlaceNamed, ...] = (
    WholeFrance(),
    *(WholeDepartement(code) for code in ("75", "69", "13", "20", "2A", "2B", "971", "974")),
    *(WholeRegion(code) for code in ("11", "94", "04", "84", "93")),
    *(AroundCommune(insee, 0) for insee in ("75056", "75111", "69123", "69383", "13055", "13201", "2A004")),
    *(AroundCommune(insee, 30) for insee in ("75056", "69383", "13055", "2B033", "97411", "35238")),
    AroundCommune("97302", 200),
)
_NIVEAUX = {int(value): value for value in diplome_pb2.Niveau.values() if value}
_RADII_KM = (0.5, 5.0, 10.0, 30.0, 60.0, 100.0, 200.0)
_WORDS = ("cap", "bts", "bac pro", "mco", "aepe", "resto", "mécano", "lyon", "paris", "la réunion", "xyzzy")


def searches_of(edition: Edition) -> st.SearchStrategy[Request]:
    """Requests with every kind of criteria. Each uses values of three trainings and mostly finds one."""
    generator = _Generator([each.formation for each in edition.formations], Communes(edition.tables.communes))
    return st.integers(0, 2**32).map(lambda seed: generator.request(random.Random(seed)))


class _Generator:
    """Generates requests from the values of trainings."""

    def __init__(self, formations: Sequence[Formation], communes: Communes) -> None:
        self._formations = formations
        self._resolver = ZoneResolver(communes)

    def request(self, rng: random.Random) -> Request:
        row, *others = rng.sample(self._formations, 3)
        rows = [row, *others]

        def some(probability: float, values: Iterable[_Value | None]) -> list[_Value]:
            known = list(dict.fromkeys(value for value in values if value))
            return known if rng.random() < probability else []

        request = Request(
            first=rng.choice([1, 7, 20, 100]),
            sort=rng.choice(catalogue_pb2.FormationSort.values()),
            with_facets=rng.random() < 0.5,
            texte=_texte(rng, row) if rng.random() < 0.5 else "",
            romes=some(0.3, (rome for each in rows for rome in each.romes)),
            rncps=some(0.1, (each.rncp for each in rows)),
            niveaux=some(0.2, (_NIVEAUX.get(each.niveau) for each in rows)),
            diplomes=some(0.1, (each.diplome for each in rows)),
            domaines=some(0.1, (rome[:3] for each in rows for rome in each.romes)),
            departements=some(0.1, (each.lieu.departement for each in rows)),
            mois=some(0.1, (month for each in rows for month in each.sessions)),
        )
        if not request.romes and row.romes and rng.random() < 0.2:
            request.rome_domaine = row.romes[0][: rng.choice([1, 3])]
        if rng.random() < 0.15:
            request.qualiopi = rng.random() < 0.5
        place = _place(rng, row)
        request.zone.CopyFrom(named_zone_to_proto(self._resolver.resolve(place)).zone)
        return request


def _place(rng: random.Random, row: Formation) -> PlaceNamed:
    kind = rng.random()
    if kind < 0.3 or row.lieu.point is None:
        return rng.choice(NAMED_PLACES)
    if kind < 0.4 and row.lieu.insee:
        return AroundCommune(row.lieu.insee, 0)
    if kind < 0.5:
        return WholeFrance()
    near, offset = row.lieu.point, rng.choice([0.0, 1e-7, 1e-6, 1e-4, 0.1, 1.0])
    point = Point(near.latitude + rng.uniform(-offset, offset), near.longitude + rng.uniform(-offset, offset))
    return AroundPoint(point, rng.choice(_RADII_KM) if rng.random() < 0.7 else rng.uniform(0.01, 200))


def _texte(rng: random.Random, row: Formation) -> str:
    texts = (row.intitule, row.intitule, row.diplome, row.etablissement.raison_sociale, row.lieu.commune)
    words = [word for text in texts if text for word in text.split()]
    chosen = rng.sample(words, min(rng.choice([1, 1, 2, 3]), len(words)))
    if rng.random() < 0.2:
        chosen.append(rng.choice(_WORDS))
    return " ".join(_mistype(rng, word) if rng.random() < 0.3 else word for word in chosen)


def _mistype(rng: random.Random, word: str) -> str:
    """The word with a letter removed, added or swapped with the next, or cut after a letter."""
    at = rng.randrange(len(word))
    return rng.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + rng.choice("aeinrst") + word[at:],
            word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
            word[: at + 1],
        ]
    )

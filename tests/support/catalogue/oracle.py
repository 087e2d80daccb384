"""A reference implementation of the search that checks every row, to compare the engines with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from services.catalogue.criteria import (
    MAX_DIPLOMES,
    TEXT_FIELDS,
    WITHIN_KM,
    Facets,
    FormationCriteria,
    FormationSort,
    Position,
    TextQuery,
)
from services.catalogue.engine.distance import distances_km, padded_radius_km
from services.catalogue.engine.grid import round_to_grid, round_zone_to_grid
from services.catalogue.formation import NIVEAUX, Formation
from services.catalogue.text.analyser import Analyser
from services.catalogue.text.formation_tokens import IndexedFormation, index_formation
from services.france.geo import Zone
from services.france.geo_columns import Floats
from tests.support.catalogue.small_france import ROME_ROWS

_LIBELLES = {row["code_rome"]: row["libelle_rome"] for row in ROME_ROWS}
_ANALYSER = Analyser()


def index_formations(formations: Iterable[Formation]) -> list[IndexedFormation]:
    return [index_formation(each, _LIBELLES, _ANALYSER) for each in formations]


def places(formations: Sequence[Formation]) -> tuple[Floats, Floats]:
    """Latitudes and longitudes rounded to the grid of the engines."""
    points = [each.lieu.point for each in formations]
    return round_to_grid(
        np.array([point.latitude if point else np.nan for point in points]),
        np.array([point.longitude if point else np.nan for point in points]),
    )


@dataclass(frozen=True)
class Match:
    """A row that meets the criteria, with its sort keys."""

    row: IndexedFormation
    distance: float | None
    score: int

    def position(self) -> Position:
        title, identifier = self.row.formation.sort_key()
        return Position(self.score, self.row.mots, self.row.first_month, self.distance, title, identifier)

    def key(self, sort: FormationSort, *, with_text: bool) -> tuple[object, ...]:
        last = (np.inf if self.distance is None else self.distance, *self.row.formation.sort_key())
        if sort is FormationSort.START:
            return (self.row.first_month, *last)
        if sort is FormationSort.RELEVANCE and with_text:
            return (-self.score, self.row.mots, *last)
        return last


class Oracle:
    """Answers searches over the given trainings."""

    def __init__(self, formations: Sequence[Formation]) -> None:
        self._rows = index_formations(formations)
        self._latitudes, self._longitudes = places(formations)

    def matching(
        self,
        criteria: FormationCriteria,
        sort: FormationSort = FormationSort.DISTANCE,
        *,
        without: Collection[str] = (),
    ) -> list[Match]:
        """The rows that meet the criteria, in order, ignoring the refinements named in `without`."""
        found = []
        for row, distance in zip(self._rows, self._distances(criteria.zone), strict=True):
            score = _score(row, criteria.texte)
            if (
                score is not None
                and _meets(row.formation, criteria)
                and _meets_refinements(row, criteria, without)
                and ("distances" in without or _inside(distance, criteria.zone))
            ):
                found.append(Match(row, distance, score))
        return sorted(found, key=lambda match: match.key(sort, with_text=criteria.texte is not None))

    def nearest(self, criteria: FormationCriteria) -> list[str]:
        """The ids of `plus_proches`: empty when a training is within the radius."""
        if criteria.zone.rayon_km is None or self.matching(criteria):
            return []
        at_any_distance = self.matching(criteria, without=["distances"])
        return [each.row.formation.id for each in at_any_distance if each.distance is not None][:5]

    def facets(self, criteria: FormationCriteria, today: str) -> Facets:
        def rows(without: str) -> list[IndexedFormation]:
            return [match.row for match in self.matching(criteria, without=[without])]

        niveaux = Counter(each.formation.niveau for each in rows("niveaux"))
        mois = Counter(month for each in rows("mois") for month in set(each.formation.sessions))
        domaines = Counter(code for each in rows("domaines") for code in each.domaines if len(code) == 3)
        return Facets(
            niveaux=tuple((niveau, niveaux[niveau]) for niveau in NIVEAUX if niveaux[niveau]),
            diplomes=_frequent(each.formation.diplome for each in rows("diplomes"))[:MAX_DIPLOMES],
            domaines=tuple(sorted(domaines.items(), key=lambda pair: (-pair[1], pair[0]))),
            departements=_frequent(each.formation.lieu.departement for each in rows("departements")),
            mois=tuple((month, mois[month]) for month in sorted(mois) if month >= today),
            qualiopi=sum(each.formation.etablissement.qualiopi is True for each in rows("qualiopi")),
            distances=self._within(criteria),
        )

    def _within(self, criteria: FormationCriteria) -> tuple[tuple[int, int], ...]:
        if criteria.zone.origin is None:
            return ()
        distances = [match.distance for match in self.matching(criteria, without=["distances"])]
        return tuple(
            (
                within,
                sum(distance is not None and distance <= padded_radius_km(within) for distance in distances),
            )
            for within in WITHIN_KM
        )

    def _distances(self, zone: Zone) -> list[float | None]:
        origin = round_zone_to_grid(zone).origin
        if origin is None:
            return [None] * len(self._rows)
        measured = distances_km(origin, self._latitudes, self._longitudes)
        return [float(distance) if np.isfinite(distance) else None for distance in measured]


def _frequent(values: Iterable[str | None]) -> tuple[tuple[str, int], ...]:
    counts = Counter(value for value in values if value is not None)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _inside(distance: float | None, zone: Zone) -> bool:
    return zone.rayon_km is None or (distance is not None and distance <= padded_radius_km(zone.rayon_km))


def _score(row: IndexedFormation, texte: TextQuery | None) -> int | None:
    """The score; None when the row does not match the text."""
    if texte is None:
        return 0
    scores = [
        max(
            (
                weight * each.factor
                for each in group
                for name, weight in TEXT_FIELDS.items()
                if each.token in row.tokens[name]
            ),
            default=0,
        )
        for group in texte.groups
    ]
    matches = all(scores) if texte.match_all else any(scores)
    return sum(scores) if matches else None


def _meets(formation: Formation, criteria: FormationCriteria) -> bool:
    zone, lieu = criteria.zone, formation.lieu
    domaine = criteria.rome_domaine
    return (
        (not criteria.romes or bool(criteria.romes & set(formation.romes)))
        and (not domaine or any(rome.startswith(domaine) for rome in formation.romes))
        and (not criteria.rncps or formation.rncp in criteria.rncps)
        and (not zone.communes or lieu.insee in zone.communes)
        and (not zone.departements or lieu.departement in zone.departements)
    )


def _meets_refinements(row: IndexedFormation, criteria: FormationCriteria, without: Collection[str]) -> bool:
    formation, wanted = row.formation, criteria.refinements
    qualiopi = formation.etablissement.qualiopi is True
    return all(
        name in without or met
        for name, met in (
            ("niveaux", not wanted.niveaux or formation.niveau in wanted.niveaux),
            ("diplomes", not wanted.diplomes or formation.diplome in wanted.diplomes),
            ("domaines", not wanted.domaines or bool(wanted.domaines & set(row.domaines))),
            ("departements", not wanted.departements or formation.lieu.departement in wanted.departements),
            ("mois", not wanted.mois or bool(wanted.mois & set(formation.sessions))),
            ("qualiopi", wanted.qualiopi is None or qualiopi == wanted.qualiopi),
        )
    )

"""Why an employer has its score: what its past hirings, its headcount and its sector each bring.

The employer is compared with a reference that never hired, has one employee, and hires for the job
as often as all sectors together. Each of the three facts may be the employer's or the reference's;
what a fact brings is the mean change of points when it becomes the employer's, over the orders in
which the three can (its Shapley value), so that the points of the reference and what the facts
bring add up to the employer's points exactly. A weight is that change over the reference's points
plus all changes without their signs: the absolute weights add up to 1 at most, and what is missing
to 1 is what the reference has already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from services.prediction.features import PAST_PERIODS
from services.prediction.ranking import Ranking
from services.prediction.recruteur import Raison

Floats = npt.NDArray[np.float64]
Predict = Callable[[Floats], Floats]

_REFERENCE_EFFECTIF = 1.0
_LEAST_WEIGHT = 0.005
"""A reason that would be shown as 0 % is none."""

_TRANCHE_LIBELLES = {
    "00": "Aucun salarié en fin d'année",
    "01": "1 ou 2 salariés",
    "02": "3 à 5 salariés",
    "03": "6 à 9 salariés",
    "11": "10 à 19 salariés",
    "12": "20 à 49 salariés",
    "21": "50 à 99 salariés",
    "22": "100 à 199 salariés",
    "31": "200 à 249 salariés",
    "32": "250 à 499 salariés",
    "41": "500 à 999 salariés",
    "42": "1 000 à 1 999 salariés",
    "51": "2 000 à 4 999 salariés",
    "52": "5 000 à 9 999 salariés",
    "53": "10 000 salariés et plus",
}


def explain(
    ranking: Ranking, predict: Predict, rows: Sequence[int], romes: Sequence[str | None]
) -> list[tuple[Raison, ...]]:
    """The reasons of each row's score for the job beside it, heaviest first; None is all jobs together."""
    if not rows:
        return []
    weights = _weights(_points(ranking, predict, rows, romes))
    return [
        _raisons(ranking, row, rome, row_weights)
        for row, rome, row_weights in zip(rows, romes, weights, strict=True)
    ]


def _points(ranking: Ranking, predict: Predict, rows: Sequence[int], romes: Sequence[str | None]) -> Floats:
    """Points by [past hirings, headcount, sector], each of the reference (0) or the employer (1), and row."""
    table = ranking.table
    own = table.features(list(rows))
    hirings = np.empty((2, 2, len(rows)))
    for past in (0, 1):
        for headcount in (0, 1):
            mixed = own.copy()
            mixed[:, :PAST_PERIODS] *= past
            mixed[:, PAST_PERIODS] = own[:, PAST_PERIODS] if headcount else _REFERENCE_EFFECTIF
            hirings[past, headcount] = predict(mixed)
    pairs = list(zip(rows, romes, strict=True))
    own_shares = [ranking.affinity(row, rome) or 1.0 if rome else 1.0 for row, rome in pairs]
    # Without a known pair the general score is used: the sector then plays no part.
    reference_shares = [
        ranking.affinities.overall(rome) if rome and ranking.affinity(row, rome) else 1.0
        for row, rome in pairs
    ]
    shares = np.array([reference_shares, own_shares])
    return ranking.curve.points(hirings[:, :, np.newaxis, :] * shares)


def _weights(points: Floats) -> Floats:
    """Weight of [past hirings, headcount, sector] for each row."""
    brought = np.stack([_shapley(np.moveaxis(points, fact, 0)) for fact in range(3)], axis=-1)
    whole = points[0, 0, 0] + np.abs(brought).sum(axis=-1)
    weights: Floats = brought / np.where(whole > 0, whole, 1)[:, np.newaxis]
    return weights


def _shapley(points: Floats) -> Floats:
    # The first axis is the fact in question. Of the six orders it comes first in two, last in two,
    # and after each of the other two in one.
    change = points[1] - points[0]
    mean: Floats = (2 * change[0, 0] + change[0, 1] + change[1, 0] + 2 * change[1, 1]) / 6
    return mean


def _raisons(ranking: Ranking, row: int, rome: str | None, weights: Floats) -> tuple[Raison, ...]:
    libelles = (
        _hirings_libelle(ranking.table.history[row, -PAST_PERIODS:]),
        _TRANCHE_LIBELLES.get(ranking.table.codes["tranche_effectif"][row], "Effectif inconnu"),
        _sector_libelle(ranking, row, rome) if rome else "",
    )
    raisons = [
        Raison(libelle, float(weight))
        for libelle, weight in zip(libelles, weights, strict=True)
        if abs(weight) >= _LEAST_WEIGHT
    ]
    return tuple(sorted(raisons, key=lambda raison: -abs(raison.poids)))


def _hirings_libelle(past: npt.NDArray[np.int32]) -> str:
    total, last_year = int(past.sum()), int(past[-2:].sum())
    if not total:
        return "Aucun apprenti embauché en trois ans et demi"
    plural = "s" if total > 1 else ""
    hired = f"{total} apprenti{plural} embauché{plural}"
    if last_year == total:
        return f"{hired} sur les 12 derniers mois"
    return f"{hired} en trois ans et demi, dont {last_year or 'aucun'} sur les 12 derniers mois"


def _sector_libelle(ranking: Ranking, row: int, rome: str) -> str:
    table = ranking.table
    share = round(100 * ranking.affinity(row, rome))
    percent = f"{share} %" if share else "Moins de 1 %"
    sector = table.naf_libelles[table.codes["naf"][row]]
    job = table.rome_libelles.get(rome, rome)
    return f"{percent} des embauches du secteur « {sector} » sont pour le métier « {job} »"

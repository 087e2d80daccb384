"""Explains a score by the contributions of the past hirings, the headcount and the sector.

The employer is compared with a reference employer that has never hired, has one employee, and hires for
the job as often as all sectors together. Each of the three facts is either the employer's or the
reference's. The contribution of a fact is its Shapley value (https://en.wikipedia.org/wiki/Shapley_value):
the mean change of points when the fact changes from the reference's to the employer's, over all orders
of the three changes. The points of the reference and the three contributions add up exactly to the
points of the employer.

The weight of a fact is its contribution divided by the sum of the reference's points and of the absolute
contributions. The absolute weights add up to at most 1; the remainder is the reference's share.
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
_MIN_WEIGHT = 0.005
"""Reasons below it are left out, because they would be shown as 0 %."""

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
    """The reasons of each row's score for its job in `romes`, by descending absolute weight.

    A job of None stands for all jobs.
    """
    if not rows:
        return []
    weights = _weights(_points(ranking, predict, rows, romes))
    return [
        _raisons(ranking, row, rome, row_weights)
        for row, rome, row_weights in zip(rows, romes, weights, strict=True)
    ]


def _points(ranking: Ranking, predict: Predict, rows: Sequence[int], romes: Sequence[str | None]) -> Floats:
    """Points indexed by [past hirings, headcount, sector, row]; 0 is the reference, 1 the employer."""
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
    # For an unknown pair the general score applies, so the sector contributes nothing.
    reference_shares = [
        ranking.affinities.overall_share(rome) if rome and ranking.affinity(row, rome) else 1.0
        for row, rome in pairs
    ]
    shares = np.array([reference_shares, own_shares])
    return ranking.curve.points(hirings[:, :, np.newaxis, :] * shares)


def _weights(points: Floats) -> Floats:
    """The weights of [past hirings, headcount, sector], one row of three for each employer."""
    contributions = np.stack([_shapley(np.moveaxis(points, fact, 0)) for fact in range(3)], axis=-1)
    total = points[0, 0, 0] + np.abs(contributions).sum(axis=-1)
    weights: Floats = contributions / np.where(total > 0, total, 1)[:, np.newaxis]
    return weights


def _shapley(points: Floats) -> Floats:
    # The first axis is the fact to measure. In the six orders of the three facts, it comes first twice, last
    # twice, and once after each of the two others.
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
        if abs(weight) >= _MIN_WEIGHT
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
    return f"{percent} des embauches du secteur « {sector} » sont pour le métier « {job} »"

"""Simulated hirings of apprentices: no open data gives them by employer, so they are made up, openly.

One employer's half-years come from a generator seeded by its SIRET: the same SIRET, sector and
headcount always give the same history, on every machine and in every import. The shape follows what
is known of apprenticeship:

- most small employers never hire an apprentice, some always do: a persistent rate for each employer,
  drawn from a gamma law with a mass at zero, which makes the past say something of the future;
- hirings grow with the headcount, more slowly than it;
- sectors differ as their jobs do: an apprentice baker is common, an apprentice cleaner is not;
- contracts begin with the school year: the second half of a year has four times the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

PREDICTED_FROM = date(2026, 7, 1)
"""First day of the six months that are predicted; the simulated history ends the day before."""

PERIODS = 11
"""Half-years of history: 7 read by the model, and 4 more to train it two years back."""

_RATE = 0.08
"""Apprentices that one employee of an ordinary sector brings in, in six months."""
_HEADCOUNT_EXPONENT = 0.75
_EMPLOYER_SHAPE = 0.9
"""Shape of the gamma law of the employers' own rates: below 1, a few employers hire most."""
_DRIFT_SIGMA = 0.25
_SEASONS = (0.4, 1.6)
"""What a first and a second half-year get of the mean."""

# How much more often than the mean job a job is learnt as an apprentice, by the start of its ROME
# code, longest first. Orders of magnitude, by hand, from the weight of each trade in apprenticeship.
_JOB_PROPENSITY: Sequence[tuple[str, float]] = (
    ("D11", 3.0),  # food crafts: baker, butcher, pastry cook
    ("D12", 1.8),  # hairdressing, beauty, specialised shops
    ("G16", 2.0),  # kitchen
    ("G18", 1.4),  # restaurant service
    ("F16", 2.2),  # building trades
    ("I13", 1.8),  # maintenance
    ("I16", 2.4),  # garages
    ("A12", 1.5),  # gardens and green spaces
    ("H29", 1.6),  # metal and machining
    ("K22", 0.2),  # cleaning
    ("K25", 0.1),  # security
    ("N", 0.4),  # transport and logistics
    ("K", 0.6),  # services to persons and public services
    ("L", 0.2),  # performing arts
)

# Bounds of INSEE's bands of headcount, the lower one being what the model reads.
_BANDS: Mapping[str, tuple[float, float]] = {
    "00": (0.3, 1),
    "01": (1, 2),
    "02": (3, 5),
    "03": (6, 9),
    "11": (10, 19),
    "12": (20, 49),
    "21": (50, 99),
    "22": (100, 199),
    "31": (200, 249),
    "32": (250, 499),
    "41": (500, 999),
    "42": (1000, 1999),
    "51": (2000, 4999),
    "52": (5000, 9999),
    "53": (10000, 20000),
}
_UNKNOWN_MEDIAN = 4.0
"""Rows without a band come from shops, restaurants and canteens that were visited: they do work."""


@dataclass(frozen=True)
class Employer:
    """What the simulation reads of an employer."""

    siret: str
    naf: str
    tranche_effectif: str | None


def sector_propensities(jobs_by_naf: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """How readily each NAF hires apprentices, from the ROME codes that it hires for; 1 is ordinary."""
    propensities = {}
    for naf, hirings in jobs_by_naf.items():
        total = sum(hirings.values())
        weighted = sum(count * _job_propensity(rome) for rome, count in hirings.items())
        propensities[naf] = weighted / total
    return propensities


def _job_propensity(rome: str) -> float:
    return next((value for prefix, value in _JOB_PROPENSITY if rome.startswith(prefix)), 1.0)


def simulate_hirings(
    employers: Sequence[Employer], propensities: Mapping[str, float]
) -> npt.NDArray[np.int32]:
    """A row for each employer, a column for each half-year, the oldest first."""
    history = np.zeros((len(employers), PERIODS), dtype=np.int32)
    for row, employer in enumerate(employers):
        history[row] = _history(employer, propensities.get(employer.naf, 1.0))
    return history


def _history(employer: Employer, propensity: float) -> npt.NDArray[np.int64]:
    random = np.random.Generator(np.random.Philox(key=int(employer.siret)))
    headcount = _headcount(employer.tranche_effectif, random)
    if random.random() < _share_that_never_hires(headcount, propensity):
        return np.zeros(PERIODS, dtype=np.int64)
    own_rate = random.gamma(_EMPLOYER_SHAPE, 1 / _EMPLOYER_SHAPE)
    drift = np.cumsum(random.normal(0, _DRIFT_SIGMA, PERIODS))
    mean = _RATE * propensity * own_rate * headcount**_HEADCOUNT_EXPONENT
    hirings: npt.NDArray[np.int64] = random.poisson(mean * _seasons() * np.exp(drift))
    return hirings


def _headcount(tranche: str | None, random: np.random.Generator) -> float:
    low, high = _BANDS.get(tranche or "", (0.0, 0.0))
    # Drawn in every case: the numbers that follow must not depend on whether the band is known.
    known, unknown = random.uniform(low, high), random.lognormal(np.log(_UNKNOWN_MEDIAN), 0.8)
    return known if high else unknown


def _share_that_never_hires(headcount: float, propensity: float) -> float:
    # Where a trade is learnt by apprenticeship, even a shop of two trains someone now and then.
    return (0.05 + 0.65 / (1 + headcount / 10)) / max(1.0, propensity)


def _seasons() -> npt.NDArray[np.float64]:
    # The last column is the half-year that ends when the prediction begins.
    last = 0 if PREDICTED_FROM.month == 7 else 1
    return np.array([_SEASONS[(last - back) % 2] for back in reversed(range(PERIODS))])

"""Simulates hirings of apprentices, because no open data gives them by employer.

The history of an employer comes from a random generator seeded with its SIRET: the same SIRET, sector
and headcount always give the same history. The simulation assumes:

- most small employers never hire an apprentice and some often do. Each employer has a persistent rate,
  drawn from a gamma distribution with a probability mass at zero, so past hirings predict future ones;
- hirings increase with the headcount, but less than proportionally;
- sectors differ by their jobs: apprentice bakers are common, apprentice cleaners are rare;
- contracts start with the school year: the second half of a year has four times the hirings of the first.
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
"""Half-years of history: 7 inputs of the model, and 4 more to train it two years back."""

_RATE = 0.08
"""Apprentices hired in six months by an employer of one person in a sector of propensity 1."""
_HEADCOUNT_EXPONENT = 0.75
_GAMMA_SHAPE = 0.9
"""Shape of the gamma distribution of the employers' rates. Below 1, a few employers hire most apprentices."""
_DRIFT_SIGMA = 0.25
_SEASONS = (0.4, 1.6)
"""Factors of the mean in the first and in the second half of a year."""

# How often each job is learnt by apprenticeship, relative to the mean job, by prefix of its ROME code, the
# longest prefix first. They are orders of magnitude, estimated by hand from the share of each trade in
# apprenticeship.
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

# Bounds of INSEE's headcount brackets; the lower bound is the input of the model.
_BRACKETS: Mapping[str, tuple[float, float]] = {
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
"""Median headcount without a bracket. Such rows come from inspected shops, restaurants and canteens."""


@dataclass(frozen=True)
class Employer:
    """The properties of an employer that the simulation uses."""

    siret: str
    naf: str
    tranche_effectif: str | None


def sector_propensities(jobs_by_naf: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """The propensity of each NAF to hire apprentices, from the ROME codes that it hires for; 1 is usual."""
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
    """One row per employer, one column per half-year, oldest first."""
    history = np.zeros((len(employers), PERIODS), dtype=np.int32)
    for row, employer in enumerate(employers):
        history[row] = _history(employer, propensities.get(employer.naf, 1.0))
    return history


def _history(employer: Employer, propensity: float) -> npt.NDArray[np.int64]:
    random = np.random.Generator(np.random.Philox(key=int(employer.siret)))
    headcount = _headcount(employer.tranche_effectif, random)
    if random.random() < _never_hires_probability(headcount, propensity):
        return np.zeros(PERIODS, dtype=np.int64)
    own_rate = random.gamma(_GAMMA_SHAPE, 1 / _GAMMA_SHAPE)
    drift = np.cumsum(random.normal(0, _DRIFT_SIGMA, PERIODS))
    mean = _RATE * propensity * own_rate * headcount**_HEADCOUNT_EXPONENT
    hirings: npt.NDArray[np.int64] = random.poisson(mean * _seasons() * np.exp(drift))
    return hirings


def _headcount(tranche: str | None, random: np.random.Generator) -> float:
    low, high = _BRACKETS.get(tranche or "", (0.0, 0.0))
    # Both are always drawn, so that the next random numbers do not depend on whether the bracket is known.
    known, unknown = random.uniform(low, high), random.lognormal(np.log(_UNKNOWN_MEDIAN), 0.8)
    return known if high else unknown


def _never_hires_probability(headcount: float, propensity: float) -> float:
    # In trades learnt by apprenticeship, even a shop of two people sometimes trains an apprentice.
    return (0.05 + 0.65 / (1 + headcount / 10)) / max(1.0, propensity)


def _seasons() -> npt.NDArray[np.float64]:
    # The last column is the half-year just before the prediction.
    last = 0 if PREDICTED_FROM.month == 7 else 1
    return np.array([_SEASONS[(last - back) % 2] for back in reversed(range(PERIODS))])

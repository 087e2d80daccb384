"""Expected hirings to a score of 0 to 100 and back, and what a score becomes for one job.

The curve is La Bonne Boîte's: 50, 60 and 80 points at three numbers of hirings, straight lines
between, then a logarithm up to 100. Its rounding of the hirings before the curve, which served a
cache, is left out: whole columns are computed at once here, and the curve has an exact inverse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Hirings that are worth 50, 60, 80 and 100 points."""

    s50: float
    s60: float
    s80: float
    s100: float

    def __post_init__(self) -> None:
        if not 0 < self.s50 < self.s60 < self.s80 < self.s100:
            raise ValueError("the hirings worth 50, 60, 80 and 100 points must be positive and increase")
        if self.s80 < 1:
            # Under 1 the logarithm passes 100 before s100 and the curve would no longer have an inverse.
            raise ValueError("the hirings worth 80 points must be 1 or more")

    def points(self, hirings: Floats | float) -> Floats:
        """Points for these hirings, not rounded."""
        h = np.maximum(np.asarray(hirings, dtype=np.float64), 0.0)
        # The logarithm is read above s80 only, where its argument is 1 or more.
        above = np.log10(1 + np.maximum(h - self.s80, 0)) / np.log10(self.s100)
        return np.select(
            [h <= self.s50, h <= self.s60, h <= self.s80, h < self.s100],
            [
                50 * h / self.s50,
                50 + 10 * (h - self.s50) / (self.s60 - self.s50),
                60 + 20 * (h - self.s60) / (self.s80 - self.s60),
                80 + 20 * above,
            ],
            100.0,
        )

    def score(self, hirings: Floats | float) -> npt.NDArray[np.int32]:
        """Score for these hirings: points rounded half up."""
        return np.floor(self.points(hirings) + 0.5).astype(np.int32)

    def hirings(self, score: npt.ArrayLike) -> Floats:
        """Hirings that are worth this score."""
        s = np.clip(np.asarray(score, dtype=np.float64), 0, 100)
        above = self.s80 - 1 + 10 ** ((s - 80) / 20 * np.log10(self.s100))
        return np.select(
            [s <= 50, s <= 60, s <= 80],
            [
                self.s50 * s / 50,
                self.s50 + (s - 50) / 10 * (self.s60 - self.s50),
                self.s60 + (s - 60) / 20 * (self.s80 - self.s60),
            ],
            above,
        )

    def score_for_job(self, score: npt.ArrayLike, affinity: npt.ArrayLike) -> npt.NDArray[np.int32]:
        """Score for a job that is this share of the employer's hirings."""
        return self.score(self.hirings(score) * np.asarray(affinity, dtype=np.float64))


REFERENCE = Curve(s50=10, s60=50, s80=100, s100=500)
"""The public values of La Bonne Boîte, made for all hirings of long contracts."""

ALTERNANCE = Curve(s50=0.2, s60=0.5, s80=2, s100=20)
"""For apprentices alone, whom an employer hires fifty times less often. One hiring expected from
five such employers within six months is worth 50 points to each, two hirings 80, twenty 100. The
threshold of 20 points for one job is then one hiring from a dozen employers, where the reference
curve would ask for four from each."""

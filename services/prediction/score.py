"""Converts expected hirings to a score from 0 to 100 and back, and adapts a score to one job.

The curve is that of La Bonne Boîte (https://github.com/StartupsPoleEmploi/labonneboite): it gives 50, 60
and 80 points at three numbers of hirings, with straight lines between them, then a logarithm up to 100.
La Bonne Boîte rounds the hirings first, for its cache. Here they are not rounded, because whole columns
are computed at once, and so the curve has an exact inverse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """The numbers of hirings that give 50, 60, 80 and 100 points. Raises ValueError."""

    s50: float
    s60: float
    s80: float
    s100: float

    def __post_init__(self) -> None:
        if not 0 < self.s50 < self.s60 < self.s80 < self.s100:
            raise ValueError("the hirings worth 50, 60, 80 and 100 points must be positive and increase")
        if self.s80 < 1:
            # Below 1, the logarithm would exceed 100 before s100, and the curve would have no inverse.
            raise ValueError("the hirings worth 80 points must be 1 or more")

    def points(self, hirings: Floats | float) -> Floats:
        """The points for these hirings, not rounded."""
        h = np.maximum(np.asarray(hirings, dtype=np.float64), 0.0)
        # np.select uses the logarithm only above s80, where its argument is 1 or more.
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
        """The score for these hirings: the points, rounded half up."""
        return np.floor(self.points(hirings) + 0.5).astype(np.int32)

    def hirings(self, score: npt.ArrayLike) -> Floats:
        """The number of hirings that gives this score: the inverse of `points`."""
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
        """The score for a job with this share, from 0 to 1, of the employer's hirings."""
        return self.score(self.hirings(score) * np.asarray(affinity, dtype=np.float64))


REFERENCE = Curve(s50=10, s60=50, s80=100, s100=500)
"""The published values of La Bonne Boîte, for all hirings in long contracts."""

ALTERNANCE = Curve(s50=0.2, s60=0.5, s80=2, s100=20)
"""The values for apprentices alone, whom employers hire about fifty times less often.

An employer that is expected to hire 0.2 apprentices in six months gets 50 points; 2 give 80 points and
20 give 100. The threshold of 20 points for one job then means 0.08 hirings, where the reference curve
would require 4.
"""

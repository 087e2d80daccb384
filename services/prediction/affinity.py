"""How much of a sector's hirings are for one job: what turns a general score into a score for a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Affinities:
    """Shares of each NAF's hirings by ROME, from counts of past hirings; 0 where a pair is unknown."""

    def __init__(self, nafs: Sequence[str], hirings: Mapping[tuple[str, str], int]) -> None:
        """`hirings` counts those of each (rome, naf); the columns follow the order of `nafs`."""
        self.romes = tuple(sorted({rome for rome, _ in hirings}))
        self._rome_rows = {rome: row for row, rome in enumerate(self.romes)}
        columns = {naf: column for column, naf in enumerate(nafs)}
        counts = np.zeros((len(self.romes), len(nafs)))
        for (rome, naf), count in hirings.items():
            if count < 1:
                raise ValueError(f"({rome}, {naf}) has {count} hirings; a pair without any is left out")
            if naf in columns:
                counts[self._rome_rows[rome], columns[naf]] = count
        totals = counts.sum(axis=0)
        self._shares = counts / np.where(totals > 0, totals, 1)
        self._overall = counts.sum(axis=1) / max(1.0, counts.sum())

    def shares(self, rome: str) -> Floats:
        """Share that the job has in the hirings of each NAF."""
        row = self._rome_rows.get(rome)
        return np.zeros(self._shares.shape[1]) if row is None else self._shares[row]

    def best(self, romes: Sequence[str]) -> Floats:
        """Largest share among the jobs, for each NAF.

        A score grows with the share, so this one gives the best score of an employer.
        """
        rows = [row for rome in romes if (row := self._rome_rows.get(rome)) is not None]
        return self._shares[rows].max(axis=0) if rows else np.zeros(self._shares.shape[1])

    def overall(self, rome: str) -> float:
        """Share that the job has in the hirings of all sectors together."""
        row = self._rome_rows.get(rome)
        return 0.0 if row is None else float(self._overall[row])

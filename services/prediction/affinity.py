"""The affinity of a sector for a job: the job's share of the sector's hirings.

It turns the general score of an employer into its score for a job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Affinities:
    """The share of each ROME code in the hirings of each NAF, from 0 to 1; 0 for an unknown pair."""

    def __init__(self, nafs: Sequence[str], hirings: Mapping[tuple[str, str], int]) -> None:
        """`hirings` maps (rome, naf) to a positive count; the columns follow the order of `nafs`."""
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
        """The share of the job in the hirings of each NAF."""
        row = self._rome_rows.get(rome)
        return np.zeros(self._shares.shape[1]) if row is None else self._shares[row]

    def best_shares(self, romes: Sequence[str]) -> Floats:
        """The largest share among the jobs, for each NAF.

        The score increases with the share, so the largest share gives an employer's best score.
        """
        rows = [row for rome in romes if (row := self._rome_rows.get(rome)) is not None]
        return self._shares[rows].max(axis=0) if rows else np.zeros(self._shares.shape[1])

    def overall_share(self, rome: str) -> float:
        """The share of the job in the hirings of all sectors."""
        row = self._rome_rows.get(rome)
        return 0.0 if row is None else float(self._overall[row])

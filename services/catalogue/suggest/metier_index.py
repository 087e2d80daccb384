"""Jobs and diplomas as columns, ordered by rank: computed by the import, stored, and opened without work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.catalogue.suggest.metier import Metier
from services.catalogue.suggest.postings import Numbers, Postings

_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class MetierIndex:
    """The entries are numbered by rank, then name; "entry" means this number."""

    postings: Postings
    rows: Numbers
    """The row of each entry in the table."""
    ranks: Numbers
    counts: Numbers
    """The number of trainings of each entry."""
    is_group: _Flags
    is_diplome: _Flags
    rome_codes: list[str]
    rome_entries: Numbers
    """One element for each ROME code of each entry, by entry; the first code of an entry comes first."""
    romes: Numbers
    """The indexes in `rome_codes`, in the same order."""
    kinds: list[str]
    """The kinds of diplomas."""
    kind_entries: Numbers
    """One element for each kind of each entry, by entry."""
    entry_kinds: Numbers
    """The indexes in `kinds`, in the same order."""

    @classmethod
    def of(cls, metiers: Sequence[Metier]) -> MetierIndex:
        ranks = [each.rank() for each in metiers]
        rows = sorted(range(len(metiers)), key=lambda row: (ranks[row], metiers[row].libelle))
        ordered = [metiers[row] for row in rows]
        rome_codes, rome_entries, romes = _encode([rome.code for rome in each.romes] for each in ordered)
        kinds, kind_entries, entry_kinds = _encode(each.diplome_kinds for each in ordered)
        return cls(
            postings=Postings.of(each.indexed_words() for each in ordered),
            rows=np.array(rows, dtype=np.int32),
            ranks=np.array([ranks[row] for row in rows], dtype=np.int32),
            counts=np.array([each.formations_count for each in ordered], dtype=np.int32),
            is_group=np.array([each.is_group for each in ordered], dtype=np.bool_),
            is_diplome=np.array([each.diplome for each in ordered], dtype=np.bool_),
            rome_codes=rome_codes,
            rome_entries=rome_entries,
            romes=romes,
            kinds=kinds,
            kind_entries=kind_entries,
            entry_kinds=entry_kinds,
        )


def _encode(values: Iterable[Sequence[str]]) -> tuple[list[str], Numbers, Numbers]:
    """The distinct values, ascending; then the entry and the value of each pair."""
    pairs = [(entry, value) for entry, found in enumerate(values) for value in found]
    distinct = sorted({value for _, value in pairs})
    numbers = {value: number for number, value in enumerate(distinct)}
    entries = np.array([entry for entry, _ in pairs], dtype=np.int32)
    return distinct, entries, np.array([numbers[value] for _, value in pairs], dtype=np.int32)

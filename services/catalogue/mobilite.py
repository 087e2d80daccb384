"""Jobs close to others: read from the table of mobility, offered when a search finds few trainings."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, zip_longest
from typing import Protocol

from services.catalogue.criteria import FormationCriteria, FormationPage, PageWanted
from services.catalogue.rome import Rome
from services.common.report import ImportReport

MOBILITE_COLUMNS = ("code_rome", "code_rome_cible", "code_type_mobilite")

_CLOSENESS = {"1": 0, "2": 1}
"""Of the kinds of mobility: "Proche", then "Evolution"."""

_FEW = 5
_MAX_COUNTED = 8
_MAX_GIVEN = 5


class Searchable(Protocol):
    """The part of a store of trainings that counts them."""

    async def search(self, criteria: FormationCriteria, page: PageWanted) -> FormationPage: ...


@dataclass(frozen=True, slots=True)
class MetierProche:
    """A job close to those searched for."""

    rome: Rome
    formations_count: int


def read_mobilite(
    rows: Iterable[Mapping[str, str]], romes: Collection[str], report: ImportReport
) -> dict[str, tuple[str, ...]]:
    """The codes close to each code, the closest first, else in the order of the file."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        source, target, closeness = row["code_rome"], row["code_rome_cible"], row["code_type_mobilite"]
        if source not in romes or target not in romes:
            report.reject("ROME code that does not exist")
        elif closeness not in _CLOSENESS:
            report.reject("kind of mobility that is neither 1 (close) nor 2 (next)")
        elif source == target or found.get(source, {}).get(target, 9) <= _CLOSENESS[closeness]:
            report.reject("same two jobs as another line: it is about other names of them")
        else:
            found.setdefault(source, {})[target] = _CLOSENESS[closeness]
            report.accept()
    return {source: tuple(sorted(targets, key=targets.__getitem__)) for source, targets in found.items()}


async def metiers_proches(
    store: Searchable,
    criteria: FormationCriteria,
    total: int,
    romes: Mapping[str, Rome],
    mobilite: Mapping[str, Sequence[str]],
) -> list[MetierProche]:
    """Close jobs that have trainings meeting every other criterion, the most first.

    None when the search is not by ROME codes, or found enough: `total` is what it found.
    """
    if total >= _FEW:
        return []
    codes = list(islice(_close_codes(criteria.romes, mobilite), _MAX_COUNTED))
    counts = await asyncio.gather(*(_count(store, criteria, code) for code in codes))
    found = [MetierProche(romes[code], count) for code, count in zip(codes, counts, strict=True) if count]
    # The sort is stable: of as many trainings, the closest job comes first.
    return sorted(found, key=lambda each: -each.formations_count)[:_MAX_GIVEN]


def _close_codes(asked: frozenset[str], mobilite: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The closest code of each that was asked for, then the second of each, and so on."""
    in_turn = zip_longest(*(mobilite.get(code, ()) for code in sorted(asked)))
    once = dict.fromkeys(code for code in chain.from_iterable(in_turn) if code is not None)
    return (code for code in once if code not in asked)


async def _count(store: Searchable, criteria: FormationCriteria, code: str) -> int:
    page = await store.search(replace(criteria, romes=frozenset([code])), PageWanted(first=0))
    return page.total

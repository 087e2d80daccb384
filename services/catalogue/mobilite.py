"""Reads which jobs are close to each other, and offers close jobs when a search finds few trainings."""

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
"""Sort key of the kinds of mobility: 1 is "Proche", 2 is "Evolution"."""

_ENOUGH_TRAININGS = 5
_MAX_CODES_COUNTED = 8
_MAX_PROCHES = 5


class Searchable(Protocol):
    """The part of a store of trainings that counts them."""

    async def search(self, criteria: FormationCriteria, page: PageWanted) -> FormationPage: ...


@dataclass(frozen=True, slots=True)
class MetierProche:
    """A job close to the searched ones, with its number of trainings."""

    rome: Rome
    formations_count: int


def read_mobilite(
    rows: Iterable[Mapping[str, str]], romes: Collection[str], report: ImportReport
) -> dict[str, tuple[str, ...]]:
    """Maps each code to its close codes, the closest first, then in the order of the file."""
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
    """Close jobs with trainings that meet all other criteria, most trainings first.

    Empty when the search has no ROME code, or when its `total` is 5 or more.
    """
    if total >= _ENOUGH_TRAININGS:
        return []
    codes = list(islice(_close_codes(criteria.romes, mobilite), _MAX_CODES_COUNTED))
    counts = await asyncio.gather(*(_count(store, criteria, code) for code in codes))
    found = [MetierProche(romes[code], count) for code, count in zip(codes, counts, strict=True) if count]
    # The sort is stable: among equal counts, the closest job stays first.
    return sorted(found, key=lambda each: -each.formations_count)[:_MAX_PROCHES]


def _close_codes(searched: frozenset[str], mobilite: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The distinct close codes: the closest of each searched code, then the second of each, and so on."""
    ranks = zip_longest(*(mobilite.get(code, ()) for code in sorted(searched)))
    distinct = dict.fromkeys(code for code in chain.from_iterable(ranks) if code is not None)
    return (code for code in distinct if code not in searched)


async def _count(store: Searchable, criteria: FormationCriteria, code: str) -> int:
    page = await store.search(replace(criteria, romes=frozenset([code])), PageWanted(first=0))
    return page.total

"""Makes the tables of results: medians of rounds, and ratios to plain strawberry and to our gateway."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from rich.console import Console
from rich.table import Table

COLUMNS = (
    "gateway",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "CPU ms",
    "own core",
    "RSS MB",
    "calls",
    "load core",
    "req/s × plain",
    "req/s × ours",
    "CPU × plain",
    "CPU × ours",
)
PLAIN, OURS = "plain strawberry", "ours"

Results = Mapping[str, Sequence["Round"]]
"""The rounds of each gateway, by its title."""


@dataclass(frozen=True)
class Round:
    """The figures of one round of one gateway."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    """CPU time of the gateway for each request."""
    rss_mb: float
    calls: float
    """Number of calls to the services for each request."""
    load_core: float
    """Share of their core that wrk and nginx used, from 0 to 1."""

    @property
    def own_core(self) -> float:
        """Share of its core that the gateway used, from 0 to 1."""
        return self.cpu_ms * self.requests_per_s / 1000


def median(rounds: Sequence[Round]) -> Round:
    """The median of each figure, taken separately."""
    return Round(*(statistics.median(getattr(each, name.name) for each in rounds) for name in fields(Round)))


def rows(results: Results) -> list[tuple[str, ...]]:
    """One row for each measured gateway, by descending requests per second."""
    medians = {title: median(rounds) for title, rounds in results.items() if rounds}
    ordered = sorted(medians.items(), key=lambda item: -item[1].requests_per_s)
    return [_row(title, each, medians) for title, each in ordered]


def _row(title: str, each: Round, medians: Mapping[str, Round]) -> tuple[str, ...]:
    return (
        title,
        f"{each.requests_per_s:,.0f}",
        f"{each.p50_ms:.1f}",
        f"{each.p99_ms:.1f}",
        f"{each.cpu_ms:.2f}",
        f"{each.own_core:.0%}",
        f"{each.rss_mb:.0f}",
        f"{each.calls:.1f}",
        f"{each.load_core:.0%}",
        *(
            _ratio(getattr(each, figure), medians.get(reference), figure)
            for figure in ("requests_per_s", "cpu_ms")
            for reference in (PLAIN, OURS)
        ),
    )


def _ratio(value: float, reference: Round | None, figure: str) -> str:
    return "" if reference is None else f"{value / getattr(reference, figure):.2f}"


def markdown(concurrency: int, table: Sequence[Sequence[str]]) -> str:
    head = [f"Concurrency {concurrency}:", "", _line(COLUMNS), _line(["---", *["---:"] * (len(COLUMNS) - 1)])]
    return "\n".join([*head, *(_line(row) for row in table), ""])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def show(console: Console, concurrency: int, table: Sequence[Sequence[str]]) -> None:
    shown = Table(title=f"concurrency {concurrency}")
    for number, column in enumerate(COLUMNS):
        shown.add_column(column, justify="right" if number else "left")
    for row in table:
        shown.add_row(*row)
    console.print(shown)

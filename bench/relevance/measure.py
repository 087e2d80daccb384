"""How well the search finds what people mean: nDCG@10 and success@3 of judged queries.

    python -m bench.relevance [--data ../shared/data] [--engines tantivy,elasticsearch] [--worst 15]

Imports the data into temporary stores, asks both engines and, in the same run, the search of the real
service's first version (bench/relevance/baseline.py). Every score is deterministic. Ends with status 1
when the engines do not give the same answers.
"""

from __future__ import annotations

import asyncio
import heapq
import sys
import tempfile
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from elasticsearch import AsyncElasticsearch
from rich.console import Console
from rich.table import Table

from bench.relevance.baseline import Baseline, Suggestion
from bench.relevance.judgements import (
    FormationJudgement,
    MetierJudgement,
    read_formation_judgements,
    read_metier_judgements,
)
from bench.relevance.score import DEPTH, SUCCESS_DEPTH, ndcg, success
from bench.relevance.systems import RAYON_KM, ThisProject
from bench.support.engine import engine_parser, private_elasticsearch, read_real_edition, served, silence_logs
from services.catalogue.formation import Formation
from services.catalogue.importing.destination import Edition
from services.catalogue.live import LiveCatalogue
from services.catalogue.zone import AroundCommune, ZoneResolver
from services.france.communes import Communes
from services.france.geo import Zone, distance_km

BASELINE = "V1"


@dataclass(frozen=True, slots=True)
class Judged:
    """One query as one system answered it."""

    query_class: str
    texte: str
    ndcg: float
    success: bool
    rows: tuple[tuple[str, int], ...]
    """What it gave, with the grades."""


Scores = dict[str, list[Judged]]
"""By system, in the order of the judgements."""


def main() -> None:
    parser = engine_parser("python -m bench.relevance", __doc__)
    parser.add_argument("--worst", type=int, default=15, help="queries shown, the worst answered first")
    args = parser.parse_args()
    silence_logs()
    same = asyncio.run(_run(args.data, args.engines.split(","), args.worst))
    sys.exit(None if same else "the engines do not give the same answers")


async def _run(data: Path, engines: Sequence[str], worst: int) -> bool:
    edition = read_real_edition(data)
    async with AsyncExitStack() as stack:
        url = stack.enter_context(private_elasticsearch("512m"))
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lba-bench-")))
        baseline = Baseline(await stack.enter_async_context(AsyncElasticsearch(url)))
        await baseline.load(data, edition)
        engines_served = [
            await stack.enter_async_context(served(each, edition, state, url)) for each in engines
        ]
        lives = {engine: each.live for engine, each in zip(engines, engines_served, strict=True)}
        metiers = await _score_metiers(lives, baseline, edition)
        formations = await _score_formations(lives, baseline, edition)
    console = Console(width=150)
    for title, scores in (("metiers", metiers), ("formations", formations)):
        console.print(_table(title, scores))
        console.print(_worst_table(title, scores[engines[0]], worst))
    return all(_same(scores, engines) for scores in (metiers, formations))


async def _score_metiers(lives: Mapping[str, LiveCatalogue], baseline: Baseline, edition: Edition) -> Scores:
    judgements = read_metier_judgements()
    ours = [Suggestion(each.libelle, tuple(r.code for r in each.romes)) for each in edition.tables.metiers]
    scores: Scores = {}
    for name, live in lives.items():
        ask = ThisProject(live).metiers
        scores[name] = [await _metier(each, ask, ours) for each in judgements]
    scores[BASELINE] = [await _metier(each, baseline.metiers, baseline.suggestions) for each in judgements]
    return scores


async def _metier(
    judgement: MetierJudgement,
    ask: Callable[[str], Awaitable[Sequence[Suggestion]]],
    candidates: Sequence[Suggestion],
) -> Judged:
    answer = (await ask(judgement.texte))[:DEPTH]
    rows = tuple((each.libelle, judgement.grade(each.libelle, each.romes)) for each in answer)
    available = _best(judgement.grade(each.libelle, each.romes) for each in candidates)
    # Somebody who wants a job wants its name, whether or not the table has it.
    return _judged(judgement, rows, available, 3)


async def _score_formations(
    lives: Mapping[str, LiveCatalogue], baseline: Baseline, edition: Edition
) -> Scores:
    judgements = read_formation_judgements()
    formations = {each.formation.id: each.formation for each in edition.formations}
    resolver = ZoneResolver(Communes(edition.tables.communes))
    zones = {each.zone: _zone(resolver, each.zone) for each in judgements}
    available = [_available(each, formations.values(), zones[each.zone]) for each in judgements]
    scores: Scores = {name: [] for name in (*lives, BASELINE)}
    for judgement, best in zip(judgements, available, strict=True):
        for name, live in lives.items():
            ids = await ThisProject(live).formations(judgement.texte, judgement.zone)
            scores[name].append(_formations(judgement, [formations[each] for each in ids], best))
        found = await baseline.formations(judgement.texte, zones[judgement.zone])
        scores[BASELINE].append(_formations(judgement, found[:DEPTH], best))
    return scores


def _formations(judgement: FormationJudgement, answer: Sequence[Formation], best: Sequence[int]) -> Judged:
    rows = tuple((f"{each.intitule}, {each.lieu.commune}", judgement.grade(each)) for each in answer)
    return _judged(judgement, rows, best, best[0] if best else 0)


def _judged(
    judgement: MetierJudgement | FormationJudgement,
    rows: tuple[tuple[str, int], ...],
    available: Sequence[int],
    best: int,
) -> Judged:
    grades = [grade for _, grade in rows]
    return Judged(
        judgement.query_class, judgement.texte, ndcg(grades, available), success(grades, best), rows
    )


def _zone(resolver: ZoneResolver, insee: str) -> Zone | None:
    return resolver.resolve(AroundCommune(insee, RAYON_KM)).zone if insee else None


def _available(
    judgement: FormationJudgement, formations: Collection[Formation], zone: Zone | None
) -> list[int]:
    return _best(judgement.grade(each) for each in formations if _within(each, zone))


def _within(formation: Formation, zone: Zone | None) -> bool:
    if zone is None or zone.origin is None:
        return True
    point = formation.lieu.point
    return point is not None and distance_km(zone.origin, point) <= RAYON_KM


def _best(grades: Iterator[int]) -> list[int]:
    return heapq.nlargest(DEPTH, grades)


def _table(title: str, scores: Scores) -> Table:
    table = Table(title=f"{title}: nDCG@{DEPTH} and success@{SUCCESS_DEPTH}")
    for column in ("class", "queries", *(f"{each} {what}" for each in scores for what in ("nDCG", "S@3"))):
        table.add_column(column, justify="left" if column == "class" else "right")
    classes = dict.fromkeys(each.query_class for each in scores[BASELINE])
    for query_class in (*classes, ""):
        cells = []
        for judged in scores.values():
            of_class = [each for each in judged if query_class in ("", each.query_class)]
            cells += [_mean([each.ndcg for each in of_class]), _mean([each.success for each in of_class])]
        count = str(sum(query_class in ("", each.query_class) for each in scores[BASELINE]))
        table.add_row(query_class or "all", count, *cells, style=None if query_class else "bold")
    return table


def _mean(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):.3f}"


def _worst_table(title: str, judged: Sequence[Judged], worst: int) -> Table:
    table = Table(title=f"{title}: the worst answered")
    for column in ("class", "typed", "nDCG", "first rows, with their grades"):
        table.add_column(column)
    for each in sorted(judged, key=lambda each: each.ndcg)[:worst]:
        shown = "\n".join(f"{grade} {label[:90]}" for label, grade in each.rows[:SUCCESS_DEPTH])
        table.add_row(each.query_class, each.texte, f"{each.ndcg:.2f}", shown or "(nothing)")
    return table


def _same(scores: Scores, engines: Sequence[str]) -> bool:
    return all(
        [each.rows for each in scores[engines[0]]] == [each.rows for each in scores[other]]
        for other in engines
    )

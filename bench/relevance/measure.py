"""Measures the relevance of the search: nDCG@10 and success@3 of judged queries.

    python -m bench.relevance [--data ../shared/data] [--engines tantivy,elasticsearch] [--worst 15]

It imports the data into temporary stores, and queries both engines and the search of the real service's
first version (bench/relevance/baseline.py). All scores are deterministic. The exit status is 1 when the
two engines give different answers.
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
from bench.support.engine import (
    engine_parser,
    private_elasticsearch,
    read_real_edition,
    serve_edition,
    silence_logs,
)
from services.catalogue.formation import Formation
from services.catalogue.importing.destination import Edition
from services.catalogue.live import LiveCatalogue
from services.catalogue.zone import AroundCommune, ZoneResolver
from services.france.communes import Communes
from services.france.geo import Zone, distance_km

BASELINE = "V1"


@dataclass(frozen=True, slots=True)
class ScoredQuery:
    """The scores of one system's answer to one query."""

    query_class: str
    texte: str
    ndcg: float
    success: bool
    rows: tuple[tuple[str, int], ...]
    """The labels of the answer with their grades."""


Scores = dict[str, list[ScoredQuery]]
"""The scored queries of each system, in the order of the judgements."""


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
        catalogues: dict[str, LiveCatalogue] = {}
        for engine in engines:
            served = await stack.enter_async_context(serve_edition(engine, edition, state, url))
            catalogues[engine] = served.live
        metiers = await _score_metiers(catalogues, baseline, edition)
        formations = await _score_formations(catalogues, baseline, edition)
    console = Console(width=150)
    for title, scores in (("metiers", metiers), ("formations", formations)):
        console.print(_table(title, scores))
        console.print(_worst_table(title, scores[engines[0]], worst))
    return all(_same(scores, engines) for scores in (metiers, formations))


async def _score_metiers(
    catalogues: Mapping[str, LiveCatalogue], baseline: Baseline, edition: Edition
) -> Scores:
    judgements = read_metier_judgements()
    ours = [Suggestion(each.libelle, tuple(r.code for r in each.romes)) for each in edition.tables.metiers]
    scores: Scores = {}
    for name, live in catalogues.items():
        suggest = ThisProject(live).metiers
        scores[name] = [await _score_metier(each, suggest, ours) for each in judgements]
    scores[BASELINE] = [
        await _score_metier(each, baseline.metiers, baseline.suggestions) for each in judgements
    ]
    return scores


async def _score_metier(
    judgement: MetierJudgement,
    suggest: Callable[[str], Awaitable[Sequence[Suggestion]]],
    candidates: Sequence[Suggestion],
) -> ScoredQuery:
    answer = (await suggest(judgement.texte))[:DEPTH]
    rows = tuple((each.libelle, judgement.grade(each.libelle, each.romes)) for each in answer)
    available = _best(judgement.grade(each.libelle, each.romes) for each in candidates)
    # Success requires grade 3, even when the table has no row of that grade.
    return _score(judgement, rows, available, 3)


async def _score_formations(
    catalogues: Mapping[str, LiveCatalogue], baseline: Baseline, edition: Edition
) -> Scores:
    judgements = read_formation_judgements()
    formations = {each.formation.id: each.formation for each in edition.formations}
    resolver = ZoneResolver(Communes(edition.tables.communes))
    zones = {each.zone: _zone(resolver, each.zone) for each in judgements}
    available = [_available(each, formations.values(), zones[each.zone]) for each in judgements]
    scores: Scores = {name: [] for name in (*catalogues, BASELINE)}
    for judgement, best in zip(judgements, available, strict=True):
        for name, live in catalogues.items():
            ids = await ThisProject(live).formations(judgement.texte, judgement.zone)
            scores[name].append(_score_answer(judgement, [formations[each] for each in ids], best))
        found = await baseline.formations(judgement.texte, zones[judgement.zone])
        scores[BASELINE].append(_score_answer(judgement, found[:DEPTH], best))
    return scores


def _score_answer(
    judgement: FormationJudgement, answer: Sequence[Formation], best: Sequence[int]
) -> ScoredQuery:
    rows = tuple((f"{each.intitule}, {each.lieu.commune}", judgement.grade(each)) for each in answer)
    return _score(judgement, rows, best, best[0] if best else 0)


def _score(
    judgement: MetierJudgement | FormationJudgement,
    rows: tuple[tuple[str, int], ...],
    available: Sequence[int],
    best: int,
) -> ScoredQuery:
    grades = [grade for _, grade in rows]
    return ScoredQuery(
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
        for scored in scores.values():
            of_class = [each for each in scored if query_class in ("", each.query_class)]
            cells += [_mean([each.ndcg for each in of_class]), _mean([each.success for each in of_class])]
        count = str(sum(query_class in ("", each.query_class) for each in scores[BASELINE]))
        table.add_row(query_class or "all", count, *cells, style=None if query_class else "bold")
    return table


def _mean(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):.3f}"


def _worst_table(title: str, scored: Sequence[ScoredQuery], worst: int) -> Table:
    table = Table(title=f"{title}: the worst answered")
    for column in ("class", "typed", "nDCG", "first rows, with their grades"):
        table.add_column(column)
    for each in sorted(scored, key=lambda each: each.ndcg)[:worst]:
        shown = "\n".join(f"{grade} {label[:90]}" for label, grade in each.rows[:SUCCESS_DEPTH])
        table.add_row(each.query_class, each.texte, f"{each.ndcg:.2f}", shown or "(nothing)")
    return table


def _same(scores: Scores, engines: Sequence[str]) -> bool:
    return all(
        [each.rows for each in scores[engines[0]]] == [each.rows for each in scores[other]]
        for other in engines
    )

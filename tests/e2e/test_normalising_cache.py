"""A client that keeps one object for each type and id mixes nothing of several searches."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import GraphQLSchema, build_schema

from tests.support.api import PARIS_30_KM, Api
from tests.support.repository import REPOSITORY
from tests.support.whole_nodes import LISTS, objects_with_ids, possible_types, whole_search

SCRIPT = REPOSITORY / "tests/support/normalising"
AROUND_SAINT_DENIS = {"around": {"latitude": 48.936, "longitude": 2.357, "rayonKm": 25}}
SEARCHES: tuple[dict[str, Any], ...] = (
    {"romes": ["D1102"], "zone": PARIS_30_KM},
    {"romes": ["D1102", "G1602"], "zone": AROUND_SAINT_DENIS},
    {"romes": ["D1106"], "zone": PARIS_30_KM},
)
"""Another place, then another job."""

DEPENDENT = {"distanceKm", "score", "romes", "raisons"}

Answer = dict[str, Any]


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((REPOSITORY / "gateway/schema.graphql").read_text(encoding="utf-8"))


@pytest.fixture
async def answers(api: Api, schema: GraphQLSchema) -> list[Answer]:
    """Of each list, whole, in each search: the queries, their variables, and what came."""
    queries = [whole_search(schema, name) for name in sorted(LISTS)]
    return [
        {"query": query, "variables": variables, "data": await api.data(query, **variables)}
        for variables in SEARCHES
        for query in queries
    ]


async def test_an_object_is_the_same_in_every_search(answers: list[Answer]) -> None:
    found: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        for key, each in objects_with_ids(answer["data"]):
            found[key].append(each)

    twice = {key: objects for key, objects in found.items() if len(objects) > 1}
    for key, (first, *others) in twice.items():
        for other in others:
            both = first.keys() & other.keys()
            assert {name: other[name] for name in both} == {name: first[name] for name in both}, key
    kinds = {key.partition(":")[0] for key in twice}
    assert kinds >= {"Formation", "Etablissement", "BesoinMatcha", "Offre", "RecruteurProbable"}


async def test_edges_say_what_depends_on_the_search(answers: list[Answer]) -> None:
    said: dict[str, set[str]] = defaultdict(set)
    for answer in answers:
        for name in LISTS & answer["data"]["search"].keys():
            for edge in answer["data"]["search"][name]["edges"]:
                for field in DEPENDENT & edge.keys():
                    said[f"{name}.{field} {edge['node']['id']}"].add(str(edge[field]))

    differing = {key.partition(" ")[0] for key, values in said.items() if len(values) > 1}
    assert differing >= {f"{name}.distanceKm" for name in LISTS}
    assert differing >= {f"{name}.{field}" for name in ("recruteurs", "employeurs") for field in DEPENDENT}


async def test_a_normalising_cache_gives_each_search_back_as_it_came(
    answers: list[Answer], schema: GraphQLSchema, tmp_path: Path
) -> None:
    read = await asyncio.to_thread(_through_apollo, answers, schema, tmp_path)

    assert read == [answer["data"] for answer in answers]


def _through_apollo(answers: list[Answer], schema: GraphQLSchema, folder: Path) -> list[Answer]:
    """What the cache of Apollo Client gives for each query once all the answers were written in it."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}")
    for name in ("package.json", "package-lock.json", "apollo.mjs"):
        shutil.copy(SCRIPT / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
    installed = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if installed.returncode:
        pytest.skip(f"Apollo Client could not be installed: {installed.stderr[-300:]}")
    given = orjson.dumps({"possibleTypes": possible_types(schema), "answers": answers})
    run = subprocess.run(["node", "apollo.mjs"], cwd=folder, input=given, check=True, capture_output=True)
    read: list[Answer] = orjson.loads(run.stdout)
    return read

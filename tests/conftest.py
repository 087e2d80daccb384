"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from xdist.remote import Producer

from deploy.local.demonstration.writing import write_demonstration
from tests.support.elasticsearch import (
    elasticsearch_cluster,
    elasticsearch_server_files,
    elasticsearch_url,
    secured_elasticsearch,
)
from tests.support.logs import log_lines
from tests.support.mongo import database_name, database_url, mongod, opened, private_mongod
from tests.support.repository import REPOSITORY
from tests.support.suites import ProcessGuard, Scheduler, mark_by_cost

__all__ = [
    "database_name",
    "database_url",
    "elasticsearch_cluster",
    "elasticsearch_server_files",
    "elasticsearch_url",
    "log_lines",
    "mongod",
    "opened",
    "private_mongod",
    "secured_elasticsearch",
]

GUARD = pytest.StashKey[ProcessGuard]()
REAL_DATA = REPOSITORY.parent / "shared" / "data"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark_by_cost(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduler:
    return Scheduler(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    with item.config.stash[GUARD].watching(item):
        return (yield)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[GUARD] = ProcessGuard()
    # How long an example takes says nothing on a machine that does other things too.
    settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("ours")
    # Frames around a traceback take a second to draw.
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real open data; what needs it is skipped where it is absent."""
    if not (REAL_DATA / "formations.csv.gz").is_file():
        pytest.skip(f"the real data is not at {REAL_DATA}")
    return REAL_DATA


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demonstration set, generated for this run."""
    folder = tmp_path_factory.mktemp("demonstration")
    write_demonstration(folder)
    return folder

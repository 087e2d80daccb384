"""Fixtures that every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest
import structlog

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

REAL_DATA = REPOSITORY.parent / "shared" / "data"


def pytest_configure() -> None:
    """Log without colours nor frames around tracebacks, which take a second to draw each."""
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

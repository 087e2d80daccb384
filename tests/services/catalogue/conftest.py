from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from services.catalogue.catalogue import FormationStore
from services.catalogue.formation import Formation
from services.catalogue.import_formations import Origin
from services.catalogue.load import Import
from services.catalogue.tables import Tables
from services.catalogue.tantivy_store import TantivyFormationStore, write_index
from services.common.report import ImportConsole

TODAY = date(2026, 11, 23)

StoreOf = Callable[[Sequence[Formation]], FormationStore]


@pytest.fixture(scope="session")
def quiet() -> ImportConsole:
    return ImportConsole(Console(file=io.StringIO()))


@pytest.fixture(scope="session")
def real_import(real_data: Path, quiet: ImportConsole) -> tuple[list[Formation], Tables]:
    """What the import reads of the real data."""
    return Import(real_data, Origin("test", fictive=False, today=TODAY), quiet).read()


@pytest.fixture(scope="session", params=["tantivy"])
def store_of(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> StoreOf:
    """Puts trainings in a store; every engine is one more parameter."""

    def tantivy(formations: Sequence[Formation]) -> FormationStore:
        folder = tmp_path_factory.mktemp("generation")
        write_index(folder, formations)
        return TantivyFormationStore.open(folder)

    engines: dict[str, StoreOf] = {"tantivy": tantivy}
    return engines[request.param]

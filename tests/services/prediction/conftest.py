from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from services.common.generation import current_generation
from services.common.report import ImportConsole
from services.prediction import model as model_file
from services.prediction.load import import_employers
from services.prediction.model import Model
from services.prediction.ranking import Ranking
from services.prediction.score import ALTERNANCE
from services.prediction.table import read_table
from tests.support.prediction.small_france import employer, write_data

SHIPPED_MODEL = Path(model_file.__file__).with_name("model.onnx")


@pytest.fixture(scope="session")
def quiet() -> ImportConsole:
    return ImportConsole(Console(file=io.StringIO()))


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of 400 employers."""
    return write_data(tmp_path_factory.mktemp("data"), map(employer, range(1, 401)))


@pytest.fixture(scope="session")
def state(data: Path, tmp_path_factory: pytest.TempPathFactory, quiet: ImportConsole) -> Path:
    """The state folder that the import of `data` wrote."""
    folder = tmp_path_factory.mktemp("state")
    import_employers(data, folder, fictive=False, console=quiet)
    return folder


@pytest.fixture(scope="session")
def real_state(real_data: Path, tmp_path_factory: pytest.TempPathFactory, quiet: ImportConsole) -> Path:
    """The state folder that the import of the real files wrote."""
    folder = tmp_path_factory.mktemp("real-state")
    import_employers(real_data, folder, fictive=False, console=quiet)
    return folder


@pytest.fixture(scope="session")
def model() -> Model:
    return Model(SHIPPED_MODEL)


@pytest.fixture(scope="session")
def ranking(state: Path, model: Model) -> Ranking:
    generation = current_generation(state)
    assert generation is not None
    table = read_table(generation)
    return Ranking(table, model.predict(table.features()), ALTERNANCE)

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from deploy.local import plan
from deploy.local.secrets import Secrets
from protos.services import GATEWAY_PORT, SERVICES
from services.common.settings import ProcessSettings

MODULES = {each.name: f"services.{each.name}" for each in SERVICES} | {
    "gateway": "gateway",
    "sandbox": "deploy.sandbox",
}


@pytest.fixture
def wiring(tmp_path: Path) -> plan.Wiring:
    ports = plan.DEFAULT_PORTS | {"gateway": GATEWAY_PORT}
    return plan.Wiring(tmp_path, ports, Secrets(), {"PATH": "/usr/bin"})


@pytest.mark.parametrize("name", MODULES)
def test_every_process_gets_all_the_variables_that_it_requires(
    name: str, wiring: plan.Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: type[ProcessSettings] = importlib.import_module(f"{MODULES[name]}.settings").Settings
    for variable, value in plan.environment(name, wiring).items():
        monkeypatch.setenv(variable, value)

    assert settings().model_dump()["port"] == wiring.ports[name]


def test_every_process_is_started_and_those_with_data_are_loaded(wiring: plan.Wiring, tmp_path: Path) -> None:
    processes = plan.python_processes(wiring)
    importers = plan.importers(wiring, tmp_path, fictive=True)

    assert {process.name: process.command[-1] for process in processes} == MODULES
    assert [importer.name for importer in importers] == [*(each.name for each in SERVICES), "sandbox"]

from __future__ import annotations

import importlib

import pytest

from deploy.local.plan import DEFAULT_PORTS, ENGINE_PORT
from services.common.settings import ProcessSettings
from tests.support.repository import REPOSITORY

README = (REPOSITORY / "deploy" / "README.md").read_text()
MODULES = sorted(
    ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
    for folder in ("services", "gateway")
    for path in (REPOSITORY / folder).rglob("settings.py")
    if path.parent.name != "common"
)
SHARED = ("HOST", "LOG_LEVEL", "STOP_GRACE_S", "METRICS_PORT")
"""Variables that deploy/README.md explains once for all processes."""


@pytest.mark.parametrize("module", MODULES)
def test_every_variable_is_documented(module: str) -> None:
    settings: type[ProcessSettings] = importlib.import_module(module).Settings
    prefix = str(settings.model_config["env_prefix"])
    variables = [name.upper() for name in settings.model_fields]

    missing = [
        prefix + name for name in variables if f"`{'*_' if name in SHARED else prefix}{name}`" not in README
    ]

    assert missing == []


@pytest.mark.parametrize("module", MODULES)
def test_no_variable_is_documented_that_is_gone(module: str) -> None:
    settings: type[ProcessSettings] = importlib.import_module(module).Settings
    prefix = str(settings.model_config["env_prefix"])
    known = {prefix + name.upper() for name in settings.model_fields}

    documented = {line.split("`")[1] for line in README.splitlines() if line.startswith(f"| `{prefix}")}

    assert documented <= known


def test_every_default_port_is_documented() -> None:
    assert [port for port in (*DEFAULT_PORTS.values(), ENGINE_PORT[1]) if f"| {port} |" not in README] == []

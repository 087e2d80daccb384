"""Every process refuses every wrong variable, by its name and without a traceback; starts the processes."""

from __future__ import annotations

import importlib
import inspect
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.common.settings import ProcessSettings, load_settings
from tests.support.repository import REPOSITORY

MODULES = sorted(
    ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
    for folder in ("services", "gateway", "deploy")
    for path in (REPOSITORY / folder).rglob("settings.py")
    if path.parent.name != "common"
)

RIGHT = {
    "PORT": "0",
    "STATE": "a-folder-to-come",
    "MONGODB_URL": "mongodb://127.0.0.1:1/?replicaSet=lba",
    "TOKEN_SECRET": "s" * 32,
    "PARTNER_URL": "https://partner.example/offres",
    "TOKEN_URL": "https://partner.example/token",
    "CLIENT_ID": "client",
    "CLIENT_SECRET": "secret",
    **{f"{name}_ADDRESS": "127.0.0.1:1" for name in ("CATALOGUE", "JOBS", "PREDICTION", "MATCHA", "RDV")},
}
"""A right value of each required variable."""

ANY_TEXT = (
    *("HOST", "STATE", "SCOPE", "CLIENT_ID", "CLIENT_SECRET", "MONGODB_DATABASE", "CALLER_SECRET"),
    *("ELASTICSEARCH_API_KEY", "ELASTICSEARCH_USER", "ELASTICSEARCH_PASSWORD", "ELASTICSEARCH_PREFIX"),
)
"""Variables for which a word is a possible value."""


def _classes() -> list[type[ProcessSettings]]:
    found = (each for module in MODULES for each in vars(importlib.import_module(module)).values())
    classes = {each for each in found if inspect.isclass(each) and issubclass(each, ProcessSettings)}
    return sorted((each for each in classes if each.model_config.get("env_prefix")), key=str)


def _wrong_values(name: str) -> list[str]:
    if name in ANY_TEXT:
        return ["\n"]
    words = ["{", "pas / une : valeur", "nan"]
    # No address of a cluster, or a blank one, is right: there is none.
    return words if name == "ELASTICSEARCH_URL" else [*words, "\n"]


CASES = [
    (each, name.upper(), value)
    for each in _classes()
    for name in each.model_fields
    for value in _wrong_values(name.upper())
]
IDS = [f"{cls.__module__}-{cls.__name__}-{name}-{value!r}" for cls, name, value in CASES]


def _prefix(cls: type[ProcessSettings]) -> str:
    return str(cls.model_config["env_prefix"])


def _set_right_values(cls: type[ProcessSettings], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in cls.model_fields:
        monkeypatch.delenv(_prefix(cls) + name.upper(), raising=False)
        if name.upper() in RIGHT:
            monkeypatch.setenv(_prefix(cls) + name.upper(), RIGHT[name.upper()])


@pytest.mark.parametrize("cls", _classes(), ids=lambda each: f"{each.__module__}-{each.__name__}")
def test_right_values_are_taken(cls: type[ProcessSettings], monkeypatch: pytest.MonkeyPatch) -> None:
    _set_right_values(cls, monkeypatch)

    assert load_settings(cls)


@pytest.mark.parametrize(("cls", "name", "value"), CASES, ids=IDS)
def test_wrong_value_of_any_variable_is_refused_by_its_name(
    cls: type[ProcessSettings], name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set_right_values(cls, monkeypatch)
    monkeypatch.setenv(_prefix(cls) + name, value)

    with pytest.raises(SystemExit) as stopped:
        load_settings(cls)

    first, *lines = str(stopped.value).splitlines()
    assert first == "bad settings in the environment:"
    assert any(f"{_prefix(cls)}{name}" in line for line in lines)


@pytest.mark.parametrize(
    ("module", "variable", "value", "said"),
    [
        ("services.rdv", "RDV_MONGODB_URL", "http://x", "mongodb://host:port"),
        ("services.rdv", "RDV_MONGODB_URL", "mongodb://h/?replicaset=lba&colour=blue", "colour"),
        (
            "services.matcha",
            "MATCHA_MONGODB_URL",
            "mongodb://h/?tls=true&tlsCAFile=/nowhere",
            "mongodb://host",
        ),
        ("services.matcha", "MATCHA_MONGODB_DATABASE", "a/b", "pattern"),
        ("gateway", "GATEWAY_WORKERS", "0", "greater than or equal to 1"),
        ("gateway", "GATEWAY_JOBS_ADDRESS", "jobs", "host:port"),
        ("gateway", "GATEWAY_JOBS_ADDRESS", "jobs:70000", "65535"),
        ("gateway", "GATEWAY_JOBS_ADDRESS", "dns:///jobs:70000", "65535"),
        ("gateway", "GATEWAY_PORT", "70000", "65535"),
        ("services.jobs", "JOBS_METRICS_PORT", "-1", "greater than or equal to 0"),
        ("services.jobs", "JOBS_PARTNER_URL", "nonsense", "URL"),
        ("services.jobs", "JOBS_STATE", "/dev/null", "not a folder"),
        ("services.jobs", "JOBS_STATE", "x" * 5000, "File name too long"),
        ("services.catalogue", "CATALOGUE_ELASTICSEARCH_URL", "ftp://x", "https://name:port"),
        ("services.catalogue", "CATALOGUE_ELASTICSEARCH_CA_FILE", "/", "Is a directory"),
        ("services.prediction", "PREDICTION_MODEL", "/nowhere.onnx", "No such file"),
        ("services.prediction", "PREDICTION_S50", "1000", "increase"),
        ("services.prediction", "PREDICTION_S100", "inf", "finite"),
        ("deploy.sandbox", "SANDBOX_FAULTS", '{"latencyMs": -1}', "(latencyMs)"),
        ("deploy.sandbox", "SANDBOX_HOST", "http://x", "IP address"),
    ],
)
def test_why_it_is_wrong_is_said(
    module: str, variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cls: type[ProcessSettings] = importlib.import_module(f"{module}.settings").Settings
    _set_right_values(cls, monkeypatch)
    monkeypatch.setenv(variable, value)

    with pytest.raises(SystemExit) as stopped:
        load_settings(cls)

    (line,) = str(stopped.value).splitlines()[1:]
    assert variable in line
    assert said in line


def test_password_in_a_wrong_address_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    cls: type[ProcessSettings] = importlib.import_module("services.rdv.settings").Settings
    _set_right_values(cls, monkeypatch)
    for url in ("mongodb://rdv:s3cret/s3cret@host", "mongodb://rdv:s3cret:s3cret@host", "rdv:s3cret@host"):
        monkeypatch.setenv("RDV_MONGODB_URL", url)

        with pytest.raises(SystemExit) as stopped:
            load_settings(cls)

        assert "s3cret" not in str(stopped.value)


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.parametrize("module", [each.removesuffix(".settings") for each in MODULES])
def test_process_names_all_its_wrong_variables_at_once(module: str, tmp_path: Path) -> None:
    cls: type[ProcessSettings] = importlib.import_module(f"{module}.settings").Settings
    names = [f"{_prefix(cls)}{name.upper()}" for name in cls.model_fields if name != "elasticsearch_url"]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), **dict.fromkeys(names, "\n")}

    ended = subprocess.run(
        [sys.executable, "-m", module], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert [name for name in names if name not in ended.stderr] == []


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.parametrize("name", ["gateway", "catalogue", "prediction", "matcha", "rdv"])
def test_process_whose_port_is_taken_names_it(name: str, tmp_path: Path) -> None:
    module = name if name == "gateway" else f"services.{name}"
    cls: type[ProcessSettings] = importlib.import_module(f"{module}.settings").Settings
    right = {_prefix(cls) + each: value for each, value in RIGHT.items()}
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), **right}

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", module],
            cwd=tmp_path,
            env=environ | {f"{_prefix(cls)}PORT": str(port)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert ended.returncode == 1
    assert f"{_prefix(cls)}PORT: can't listen on 127.0.0.1:{port}: " in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr

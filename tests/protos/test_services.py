"""What a service needs beside its code: each test finds one omission, and says what to add."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections import Counter
from typing import Any

import pytest

from protos import services
from protos.services import COMPANION_PORTS, GATEWAY_METRICS_PORT, GATEWAY_PORT, SERVICES, Service, Store
from services.common.settings import ServiceSettings
from tests.support.repository import REPOSITORY

SHARED = {"common", "france"}
"""Folders of `services/` that are no service."""

CONTRACTS: list[dict[str, Any]] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"][
    "importlinter"
]["contracts"]
FOLDERS = {path.parent.name for path in (REPOSITORY / "services").glob("*/*.py")} - SHARED
PACKAGES = {f"services.{name}" for name in FOLDERS}

every_service = pytest.mark.parametrize("service", SERVICES, ids=lambda each: each.name)
every_folder = pytest.mark.parametrize("name", sorted(FOLDERS))


def test_every_folder_of_services_has_a_row() -> None:
    assert {each.name for each in SERVICES} == FOLDERS


def test_every_service_of_a_proto_has_a_row() -> None:
    declared = {
        service
        for path in (REPOSITORY / "protos").glob("*.proto")
        for service in re.findall(r"^service (\w+)", path.read_text(), re.MULTILINE)
    }

    assert declared == {each.descriptor.name for each in SERVICES}


def test_every_row_is_in_the_table_once() -> None:
    rows = [each for each in vars(services).values() if isinstance(each, Service)]

    assert rows == list(SERVICES)


def test_no_two_processes_have_one_port() -> None:
    ports = [GATEWAY_PORT, GATEWAY_METRICS_PORT, *COMPANION_PORTS.values()]
    ports += [port for each in SERVICES for port in (each.port, each.metrics_port)]

    assert [port for port, times in Counter(ports).items() if times > 1] == []


@every_service
def test_row_has_its_proto_and_the_stub_of_it(service: Service[Any]) -> None:
    assert service.descriptor.file.name == f"protos/{service.name}.proto"
    assert service.descriptor.full_name == f"lba.{service.name}.v1.{service.descriptor.name}"
    assert service.stub.__name__ == f"{service.descriptor.name}Stub"
    assert service.stub.__module__ == f"protos.{service.name}_pb2_grpc"


@every_service
@pytest.mark.parametrize("file", ["__init__.py", "__main__.py", "settings.py", "servicer.py", "load.py"])
def test_row_has_a_folder_with_the_files_of_every_service(service: Service[Any], file: str) -> None:
    assert (REPOSITORY / "services" / service.name / file).is_file()


@every_service
def test_settings_of_a_service_have_its_prefix_and_say_where_its_store_is(service: Service[Any]) -> None:
    settings: type[ServiceSettings] = importlib.import_module(f"services.{service.name}.settings").Settings
    store = {Store.FOLDER: "state", Store.MONGODB: "mongodb_url"}

    assert settings.model_config["env_prefix"] == f"{service.name.upper()}_"
    assert store[service.store] in settings.model_fields


def test_contracts_of_the_linter_name_every_service() -> None:
    named = {contract["name"]: _services_in(contract) for contract in CONTRACTS}
    about_all = {name: found for name, found in named.items() if len(found) > 1}

    assert len(about_all) == 5
    assert {name: PACKAGES - found for name, found in about_all.items() if found != PACKAGES} == {}


def test_contract_of_france_keeps_every_service_contract_out() -> None:
    (france,) = (each for each in CONTRACTS if each.get("source_modules") == ["services.france"])

    assert {f"protos.{name}_pb2" for name in FOLDERS} <= set(france["forbidden_modules"])


@every_folder
def test_files_of_a_service_are_in_layers_that_leave_none_out(name: str) -> None:
    layers = [each for each in CONTRACTS if each.get("containers") == [f"services.{name}"]]

    assert [(each["type"], each["exhaustive"]) for each in layers] == [("layers", True)]


@every_service
def test_readme_presents_every_service_with_its_port(service: Service[Any]) -> None:
    readme = (REPOSITORY / "README.md").read_text()

    assert re.search(rf"^\| {service.name} \| .* \| {service.port} \|$", readme, re.MULTILINE)
    assert re.search(rf"▶ {service.name}  ", readme), "the picture lacks it"


@every_service
def test_page_of_deploy_gives_the_ports_and_the_variables_of_every_service(service: Service[Any]) -> None:
    page = (REPOSITORY / "deploy" / "README.md").read_text()

    assert f"| {service.name} | {service.port} | gRPC |" in page
    assert f"| {service.name} | {service.metrics_port} | HTTP `/metrics` |" in page
    assert f"\n### {service.name}\n" in page
    assert f"| `{service.name.upper()}_PORT` |" in page
    if service.store is Store.FOLDER:
        assert re.search(rf"^\| .*`{service.name}/`.* \| what ", page, re.MULTILINE), "its state folder"


def _services_in(contract: dict[str, Any]) -> set[str]:
    """Services that one of its lists names; the containers of layers are looked at by another test."""
    lists = (contract.get(key, []) for key in ("modules", "forbidden_modules"))
    return {name for each in lists for name in each if re.fullmatch(r"services\.(?!common|france)\w+", name)}

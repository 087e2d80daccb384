"""No field of a contract is forgotten: each one is filled or read by its service, each criterion applied."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor

from protos.services import SERVICES, Service
from tests.support.repository import REPOSITORY

SHARED = ("common", "france")
"""Folders whose code fills and reads messages for every service."""

IDEMPOTENCY = ("cle_idempotence",)
"""Fields that `services/common/idempotency.py` reads of any request."""

ENGINES = ("catalogue/engine/tantivy", "catalogue/engine/elasticsearch")

every_service = pytest.mark.parametrize("service", SERVICES, ids=lambda each: each.name)


@every_service
def test_every_field_of_an_answer_is_filled(service: Service[Any]) -> None:
    constructed = set(_constructed(service.name, *SHARED))
    extended = set(_extended(service.name))

    unfilled = {
        (message.name, field.name)
        for message in _reachable(*(method.output_type for method in service.descriptor.methods))
        for field in message.fields
        if (message.name, field.name) not in constructed and field.name not in extended
    }

    assert unfilled == set()


@every_service
def test_every_field_of_a_request_is_used(service: Service[Any]) -> None:
    """To check a field is not to use it."""
    inputs = [method.input_type for method in service.descriptor.methods]
    of_requests = {*_read_of_arguments(service.name), *(("", name) for name in IDEMPOTENCY)}
    of_any = {name for _, name in _read(service.name, *SHARED, without="checks.py")}

    unused = {
        (message.name, field.name)
        for message in _reachable(*inputs)
        for field in message.fields
        if not {(message.name, field.name), ("", field.name)} & of_requests
        and (message in inputs or field.name not in of_any)
    }

    assert unused == set()


@pytest.mark.parametrize("folder", [*ENGINES, "jobs", "matcha", "prediction"])
def test_every_criterion_is_applied(folder: str) -> None:
    read = _read(folder, without="convert.py")
    applied = {name for owner, name in read if owner in ("criteria", "refinements", "self")}

    unapplied = {
        (node.name, field)
        for node in _nodes(folder.partition("/")[0])
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Criteria", "Refinements"))
        for field in _annotated(node)
        if field not in applied
    }

    assert unapplied == set()


def test_every_service_with_criteria_is_looked_at() -> None:
    with_criteria = {
        each.name
        for each in SERVICES
        for node in _nodes(each.name)
        if isinstance(node, ast.ClassDef) and node.name.endswith("Criteria")
    }

    assert with_criteria == {"catalogue", "jobs", "matcha", "prediction"}


def _reachable(*messages: Descriptor) -> set[Descriptor]:
    found: set[Descriptor] = set()
    waiting = list(messages)
    while waiting:
        message = waiting.pop()
        if message not in found:
            found.add(message)
            waiting += [field.message_type for field in message.fields if field.message_type]
    return found


def _constructed(*folders: str) -> Iterator[tuple[str, str]]:
    """The fields that a constructor of a message is given, with the name of the message."""
    for node in _nodes(*folders):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            for keyword in node.keywords:
                if keyword.arg:
                    yield node.func.attr, keyword.arg


def _extended(*folders: str) -> Iterator[str]:
    """The repeated fields that are filled after their message is made."""
    for node in _nodes(*folders):
        match node:
            case ast.Attribute(value=ast.Attribute(attr=name), attr="append" | "extend" | "add"):
                yield name


def _read_of_arguments(*folders: str) -> Iterator[tuple[str, str]]:
    """The attributes that functions read of arguments that are messages, with the name of the message."""
    aliases = dict(_aliases(*folders))
    for node in _nodes(*folders, without="checks.py"):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            messages: dict[str, str] = {}
            for argument in node.args.args:
                match argument.annotation:
                    case ast.Attribute(attr=message):
                        messages[argument.arg] = message
                    case ast.Name(id=alias) if alias in aliases:
                        messages[argument.arg] = aliases[alias]
            for inner in ast.walk(node):
                match inner:
                    case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in messages:
                        yield messages[name], attribute


def _aliases(*folders: str) -> Iterator[tuple[str, str]]:
    """The short names that modules give to messages, with the name of the message."""
    for node in _nodes(*folders):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=alias)], value=ast.Attribute(value=ast.Name(id=module), attr=message)
            ) if module.endswith("_pb2"):
                yield alias, message


def _read(*folders: str, without: str = "") -> Iterator[tuple[str, str]]:
    """The attributes that are read, with the name of what has them where it is a name."""
    for node in _nodes(*folders, without=without):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.value.id if isinstance(node.value, ast.Name) else "", node.attr


def _annotated(node: ast.ClassDef) -> Iterator[str]:
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            yield line.target.id


def _nodes(*folders: str, without: str = "") -> Iterator[ast.AST]:
    for folder in folders:
        for path in sorted(Path(REPOSITORY / "services" / folder).rglob("*.py")):
            if path.name != without:
                yield from ast.walk(ast.parse(path.read_text()))

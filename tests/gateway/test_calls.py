from __future__ import annotations

import ast
from collections.abc import Iterator

from protos.services import SERVICES
from services.common.channel import reads_of
from tests.support.repository import REPOSITORY


def calls() -> Iterator[tuple[str, str]]:
    """Every `client.read(client.stub.Method, ...)` in the code of the gateway, as ("read", "Method")."""
    for path in (REPOSITORY / "gateway").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="read" | "write" as how),
                    args=[ast.Attribute(attr=method, value=ast.Attribute(attr="stub")), *_],
                ):
                    yield how, method


def test_every_call_reads_or_writes_as_its_contract_declares() -> None:
    reads = {method for service in SERVICES for method in reads_of(service.descriptor)}
    found = sorted(set(calls()))

    assert ("write", "BookRendezVous") in found
    assert ("read", "SearchFormations") in found
    assert [(how, method) for how, method in found if (how == "read") != (method in reads)] == []


def test_every_method_declares_whether_it_changes_something() -> None:
    silent = [
        method.full_name
        for service in SERVICES
        for method in service.descriptor.methods
        if not method.GetOptions().HasField("idempotency_level")
    ]

    assert silent == []

"""Every text of a request that changes something has a kind, and is refused what the kind refuses."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions

from protos.services import SERVICES
from services.common.text_fields import OWN_RULE, Text, TextTable, normalise_texts, texts_problems

WRITES = [
    (service.name, method)
    for service in SERVICES
    for method in service.descriptor.methods
    if method.GetOptions().idempotency_level != MethodOptions.NO_SIDE_EFFECTS
]

every_write = pytest.mark.parametrize(
    ("name", "method"), WRITES, ids=lambda each: getattr(each, "name", each)
)


@every_write
def test_every_string_has_a_kind_or_a_rule_of_its_own(name: str, method: MethodDescriptor) -> None:
    assert sorted(_table(name, method)) == sorted(_strings(method.input_type))


@every_write
@pytest.mark.parametrize(
    "wrong", ["Ana\u202eSilva", "Ana\u200bSilva", "<b>Ana</b>", "Z\u0317\u0318\u0319algo"]
)
def test_every_text_is_refused_by_the_rule(name: str, method: MethodDescriptor, wrong: str) -> None:
    table = _table(name, method)
    texts = [path for path, text in table.items() if text is not OWN_RULE]
    request = _filled(method, table, wrong)

    assert [problem.field for problem in texts_problems(normalise_texts(request, table), table)] == texts
    assert texts_problems(normalise_texts(_filled(method, table, "Ana Silva"), table), table) == []


def test_every_service_that_writes_is_looked_at() -> None:
    assert [(name, method.name) for name, method in WRITES] == [
        ("matcha", "CreateBesoin"),
        ("rdv", "BookRendezVous"),
    ]


def _table(name: str, method: MethodDescriptor) -> TextTable:
    tables: dict[str, TextTable] = importlib.import_module(f"services.{name}.checks").TEXTS
    return tables[method.name]


def _strings(message: Descriptor, prefix: str = "") -> Iterator[str]:
    for field in message.fields:
        if field.type == FieldDescriptor.TYPE_STRING:
            yield prefix + field.name
        elif field.message_type:
            yield from _strings(field.message_type, f"{prefix}{field.name}.")


def _filled(method: MethodDescriptor, table: TextTable, value: str) -> Any:
    module = importlib.import_module(f"protos.{method.containing_service.full_name.split('.')[1]}_pb2")
    request = getattr(module, method.input_type.name)()
    for path, text in table.items():
        if isinstance(text, Text):
            *parents, last = path.split(".")
            message = request
            for parent in parents:
                message = getattr(message, parent)
            setattr(message, last, value)
    return request

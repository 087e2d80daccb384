"""The texts of a request, by the kinds that its service declares in one table.

Every string field of a request that changes something is in the table of its RPC:
`tests/services/test_text_fields.py` finds one that is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.message import Message

from services.common.checks import length_problems
from services.common.errors import Problem
from services.common.texts import Kind, fault_of, normalised

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Text:
    """A text for people, with the least and the greatest number of its characters."""

    kind: Kind
    at_least: int
    at_most: int


OWN_RULE = None
"""For a code, an id or an address, which has a check of its own and is no text for people."""

TextTable = Mapping[str, Text | None]
"""The texts of a request, by the path of their field: `candidat.prenom`."""


def normalise_texts(request: M, table: TextTable) -> M:
    """A copy of the request with its texts normalised, to be checked, stored and compared in that form."""
    copy = type(request)()
    copy.CopyFrom(request)
    for path, text in _texts(table):
        parent, name = _place(copy, path)
        before = getattr(parent, name)
        after = normalised(before, text.kind)
        # To set a field of an absent message would make the message present.
        if after != before:
            setattr(parent, name, after)
    return copy


def texts_problems(request: Message, table: TextTable) -> list[Problem]:
    """The problems of the texts of a request whose texts are normalised, one at most for each."""
    return [
        problem
        for path, text in _texts(table)
        for problem in text_problems(path, getattr(*_place(request, path)), text)
    ]


def text_problems(path: str, value: str, text: Text) -> list[Problem]:
    """The problem of a normalised text, if it has one."""
    problems = length_problems(path, value, text.at_least, text.at_most)
    if problems:
        return problems
    fault = fault_of(value, text.kind)
    return [] if fault is None else [Problem(path, fault)]


def _texts(table: TextTable) -> Iterator[tuple[str, Text]]:
    for path, text in table.items():
        if text is not None:
            yield path, text


def _place(request: Message, path: str) -> tuple[Any, str]:
    *parents, name = path.split(".")
    message: Any = request
    for parent in parents:
        message = getattr(message, parent)
    return message, name

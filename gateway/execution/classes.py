"""Decides which classes of values a plan may read; each decision is cached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from google.protobuf.message import Message


class KnownClasses:
    """The classes that a plan may read by attribute: not awaitable, no exception, no protobuf message."""

    def __init__(self) -> None:
        self._known: set[type] = set()

    def __contains__(self, cls: type) -> bool:
        return cls in self._known or self._admit(cls)

    def _admit(self, cls: type) -> bool:
        awaitable = hasattr(cls, "__await__") or hasattr(cls, "__aiter__") or hasattr(cls, "send")
        if awaitable or issubclass(cls, BaseException | Message):
            return False
        self._known.add(cls)
        return True


_list_classes: dict[type, bool] = {list: True, tuple: True}


def is_plain_list(value: Any) -> bool:
    """Whether a value is a list that can be iterated twice, in case graphql-core completes it again.

    Iterators and strings are not.
    """
    cls = type(value)
    known = _list_classes.get(cls)
    if known is None:
        known = issubclass(cls, Sequence) and not issubclass(cls, str | bytes | bytearray | memoryview)
        _list_classes[cls] = known
    return known

"""Which classes of values a plan may read, decided once for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from google.protobuf.message import Message


class KnownClasses:
    """Classes whose values are neither awaitable, nor errors, nor messages of another type."""

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
    """Whether a value can be gone through, and again if the plan gives up: no iterator, no text."""
    cls = type(value)
    known = _list_classes.get(cls)
    if known is None:
        known = issubclass(cls, Sequence) and not issubclass(cls, str | bytes | bytearray | memoryview)
        _list_classes[cls] = known
    return known

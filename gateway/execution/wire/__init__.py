"""Writes answers directly from the bytes of messages, when the C extension is built; plans call it."""

from __future__ import annotations

import functools
import importlib
from types import ModuleType

from gateway.execution.wire import sources


@functools.cache
def load() -> ModuleType | None:
    """The compiled extension; None when it is not built, or was built from other sources than these.

    The result of the first call is cached.
    """
    try:
        module = importlib.import_module("gateway.execution.wire._wire")
    except ImportError:
        return None
    return module if sources.digest() == module.SOURCE_DIGEST else None

"""Who asked for the current request, so that a service can give each caller a fair share."""

from __future__ import annotations

from contextvars import ContextVar

caller: ContextVar[str] = ContextVar("caller", default="")
"""An opaque name that the gateway makes from the client's key or address; empty when nobody said.

The same client has the same name at every call. It is not the address itself, and is never logged or stored
with what a person sent.
"""

CALLER_KEY = "x-caller"
"""The metadata key that carries it from one process to the next."""

MAX_CALLER_CHARS = 64

"""Who waits for an answer of the partner, when several callers share one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from services.common.caller import caller


class Callers:
    """The names of those who wait for one answer. The set changes while they wait."""

    def __init__(self, *names: str) -> None:
        self._counts = Counter(names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts)

    def __bool__(self) -> bool:
        return bool(self._counts)

    def __contains__(self, name: object) -> bool:
        return name in self._counts

    @contextmanager
    def joined_by(self, name: str) -> Iterator[None]:
        """The caller waits during the block."""
        self._counts[name] += 1
        try:
            yield
        finally:
            self._counts[name] -= 1
            if not self._counts[name]:
                del self._counts[name]


sharing: ContextVar[Callers | None] = ContextVar("sharing", default=None)
"""Those who wait for the shared call that runs now; None outside such a call."""


def current_callers() -> Callers:
    """Those who wait for what is done now: all that share the call, else the caller of the request."""
    shared = sharing.get()
    return Callers(caller.get()) if shared is None else shared

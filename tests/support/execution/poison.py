"""Wrong values to put in the place of those that the schema expects."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any


class Later:
    """An awaitable. Unlike a coroutine, it gives no warning when it is never awaited."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __await__(self) -> Generator[Any, None, Any]:
        return self._resolve().__await__()

    def __repr__(self) -> str:
        return "Later"  # without an address, because a resolver may write it into an answer

    async def _resolve(self) -> Any:
        if isinstance(self._value, Exception):
            raise self._value
        return self._value


class Unknown:
    """A value of no type of the schema."""

    def __repr__(self) -> str:
        return "Unknown"


POISONS: tuple[Callable[[Any], Any], ...] = (
    lambda _: None,
    lambda _: 3,
    lambda _: 2**40,
    lambda _: True,
    lambda _: float("nan"),
    lambda _: "text",
    lambda _: Unknown(),
    lambda _: ValueError("poison"),
    lambda _: [],
    lambda _: {"a": 1},
    Later,
    lambda _: Later(ValueError("later")),
    lambda value: iter(value) if isinstance(value, list) else 1.0,
    lambda value: filter(None, value) if isinstance(value, list) else 7,
)

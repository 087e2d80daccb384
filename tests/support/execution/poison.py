"""What a value may be instead of what the schema says."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any


class Later:
    """An awaitable that may be left alone, as a coroutine may not."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __await__(self) -> Generator[Any, None, Any]:
        return self._give().__await__()

    def __repr__(self) -> str:
        return "Later"  # without an address: a resolver may put it in an answer

    async def _give(self) -> Any:
        if isinstance(self._value, Exception):
            raise self._value
        return self._value


class Odd:
    """Nothing that the schema knows."""

    def __repr__(self) -> str:
        return "Odd"


POISONS: tuple[Callable[[Any], Any], ...] = (
    lambda _: None,
    lambda _: 3,
    lambda _: 2**40,
    lambda _: True,
    lambda _: float("nan"),
    lambda _: "text",
    lambda _: Odd(),
    lambda _: ValueError("poison"),
    lambda _: [],
    lambda _: {"a": 1},
    Later,
    lambda _: Later(ValueError("later")),
    lambda value: iter(value) if isinstance(value, list) else 1.0,
    lambda value: filter(None, value) if isinstance(value, list) else 7,
)

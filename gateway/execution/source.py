"""The text of a generated module, and the values that it refers to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class NotAsPlanned(Exception):
    """A value is not what the plan expected; graphql-core completes it."""


def fail() -> Any:
    """Give up the plan, from inside an expression."""
    raise NotAsPlanned


class Source:
    """Functions being written; names are given here, never taken from a query."""

    def __init__(self) -> None:
        self._constants: dict[str, Any] = {"fail": fail}
        self._functions: list[str] = []
        self._temporaries = 0

    def constant(self, value: Any) -> str:
        """A name for the value."""
        name = f"k{len(self._constants)}"
        self._constants[name] = value
        return name

    def temporary(self) -> str:
        """A name that nothing else uses."""
        self._temporaries += 1
        return f"t{self._temporaries}"

    def function(self, lines: list[str]) -> str:
        """Write a function of `v` with these lines of body; gives its name."""
        name = f"f{len(self._functions)}"
        self._functions.append("\n".join([f"def {name}(v):", *(f"    {line}" for line in lines)]))
        return name

    def loop(self, lines: list[str], value: str) -> str:
        """Write a function that gives, for each `v` of a list, these lines and then this value; gives
        its name. Calling a function for each item costs as much as reading two of its fields.
        """
        name = f"f{len(self._functions)}"
        body = [*lines, f"add({value})"]
        head = [f"def {name}(items):", "    out = []", "    add = out.append", "    for v in items:"]
        self._functions.append("\n".join([*head, *(f"        {line}" for line in body), "    return out"]))
        return name

    def table(self, functions: dict[type, str]) -> str:
        """A name for a table from a class to the function of that name."""
        pairs = ", ".join(f"{self.constant(cls)}: {name}" for cls, name in functions.items())
        name = f"d{len(self._functions)}"
        self._functions.append(f"{name} = {{{pairs}}}")
        return name

    def compiled(self, name: str) -> Callable[[Any], Any]:
        """The function of that name, ready to be called."""
        namespace = dict(self._constants)
        text = "\n\n".join(self._functions)
        # Every name and every literal in the text was made by this package; a query only chooses
        # which fields of the schema are read, and its response names go through repr.
        exec(compile(text, "<query plan>", "exec"), namespace)  # noqa: S102
        function: Callable[[Any], Any] = namespace[name]
        return function

"""Builds the source text of a generated module, and the constants that it uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class NotAsPlanned(Exception):
    """A value is not what the plan expects, so graphql-core completes it."""


def fail() -> Any:
    """Raise NotAsPlanned; for expressions, where `raise` is not allowed."""
    raise NotAsPlanned


class Source:
    """The functions of one module. All their names are generated here; none comes from a query."""

    def __init__(self) -> None:
        self._constants: dict[str, Any] = {"fail": fail}
        self._functions: list[str] = []
        self._temporaries = 0

    def constant(self, value: Any) -> str:
        """The name of a new global variable with this value."""
        name = f"k{len(self._constants)}"
        self._constants[name] = value
        return name

    def temporary(self) -> str:
        """A new name for a local variable."""
        self._temporaries += 1
        return f"t{self._temporaries}"

    def function(self, lines: list[str]) -> str:
        """Add a function of `v` with this body, and return its name."""
        name = f"f{len(self._functions)}"
        self._functions.append("\n".join([f"def {name}(v):", *(f"    {line}" for line in lines)]))
        return name

    def loop(self, lines: list[str], value: str) -> str:
        """Add a function of a list, and return its name.

        It runs the lines for each item `v`, and returns the list of the values. The loop is inside, because
        a call for each item costs as much as reading two of its fields.
        """
        name = f"f{len(self._functions)}"
        body = [*lines, f"add({value})"]
        head = [f"def {name}(items):", "    out = []", "    add = out.append", "    for v in items:"]
        self._functions.append("\n".join([*head, *(f"        {line}" for line in body), "    return out"]))
        return name

    def table(self, functions: dict[type, str]) -> str:
        """Add a dict from each class to its function, and return the name of the dict."""
        pairs = ", ".join(f"{self.constant(cls)}: {name}" for cls, name in functions.items())
        name = f"d{len(self._functions)}"
        self._functions.append(f"{name} = {{{pairs}}}")
        return name

    def compiled(self, name: str) -> Callable[[Any], Any]:
        """Compile the module, and return the function of that name."""
        namespace = dict(self._constants)
        text = "\n\n".join(self._functions)
        # This package generates every name and literal in the text. A query only chooses which fields of
        # the schema are read, and its response names are escaped by repr.
        exec(compile(text, "<query plan>", "exec"), namespace)  # noqa: S102
        function: Callable[[Any], Any] = namespace[name]
        return function

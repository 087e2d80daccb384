"""What a program writes: the fields of the answer, in their order, and where each one comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from gateway.execution.wire.layout import Layout, layout_of
from gateway.execution.wire.shape import Shape


class Kind(IntEnum):
    """What a field of the answer is written as."""

    STRING = 1
    BOOL = 2
    INT32 = 3
    """An Int of GraphQL, from an integer of any type."""
    ENUM = 4
    DOUBLE = 5
    FLOAT = 6
    OBJECT = 7
    GLOBAL_ID = 8
    """Base64 of a prefix and a string."""
    CONSTANT = 9


@dataclass(frozen=True)
class Field:
    """One field of the answer."""

    kind: Kind
    key: str
    """Its name in the answer."""
    number: int = 0
    """Of the field of the message; 0 for what comes from none."""
    repeated: bool = False
    presence: bool = False
    """Null where the message has no such field, instead of the default of its type."""
    required: bool = False
    """Without a value the whole is refused, instead of being null."""
    names: Mapping[int, str] = field(default_factory=dict)
    """Of an enum, by number. Another number is null, and is left out of a list."""
    object: Spec | None = None
    text: str = ""
    """A constant's JSON, or what goes before the value of a global id ("Formation:")."""


@dataclass(frozen=True)
class Spec:
    """An object of the answer. The shape says what the whole message may hold: the first spec needs
    one, those below find theirs in it.
    """

    fields: tuple[Field, ...]
    shape: Shape | None = None

    def layout(self) -> Layout:
        """The tables of its program. Raises ValueError for a spec that has none."""
        return layout_of(self)

"""The spec of a program: its output fields, in order, and the message field that each one reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from gateway.execution.wire.layout import Layout, layout_of
from gateway.execution.wire.shape import Shape


class Kind(IntEnum):
    """How the value of an output field is written. The numbers are those of Kind in `transcode.h`."""

    STRING = 1
    BOOL = 2
    INT32 = 3
    """A GraphQL Int, from an integer field of any protobuf type."""
    ENUM = 4
    DOUBLE = 5
    FLOAT = 6
    OBJECT = 7
    GLOBAL_ID = 8
    """Base64 of a constant prefix and a string field."""
    CONSTANT = 9


@dataclass(frozen=True)
class Field:
    """One output field."""

    kind: Kind
    key: str
    """Its response name."""
    number: int = 0
    """The number of the message field; 0 for a constant."""
    repeated: bool = False
    presence: bool = False
    """Whether an absent field is null; otherwise it has the default value of its type."""
    required: bool = False
    """Whether a null raises NotAsPlanned."""
    names: Mapping[int, str] = field(default_factory=dict)
    """The names of an ENUM, by number. An unknown number is null, or is left out of a list."""
    object: Spec | None = None
    text: str = ""
    """The JSON of a CONSTANT, or the prefix of a GLOBAL_ID ("Formation:")."""


@dataclass(frozen=True)
class Spec:
    """An output object. Only the root spec needs a shape; nested specs use the shapes inside it."""

    fields: tuple[Field, ...]
    shape: Shape | None = None

    def layout(self) -> Layout:
        """The tables of its program. Raises ValueError for an invalid spec."""
        return layout_of(self)

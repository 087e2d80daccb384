"""The Relay interface of everything that has a global id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import strawberry
from google.protobuf.message import Message

from gateway.context import Context


@strawberry.interface(description="Tout objet qui se retrouve par son identifiant global.")
class Node:
    """Each implementation is bound as a node (see `binding.py`)."""

    id: strawberry.ID = strawberry.field(description="Identifiant global, opaque et stable.")


@dataclass(frozen=True)
class NodeType:
    """A type with global ids, and the function that fetches one of its rows by key."""

    cls: type
    fetch: Callable[[Context, str], Awaitable[Message | None]]
    """Returns None, or raises NotFound or InvalidRequest, for an unknown key."""

    @property
    def name(self) -> str:
        return self.cls.__name__

"""The context of a request, which every resolver can reach."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import strawberry
from graphql import GraphQLError
from strawberry.types.nodes import SelectedField

from gateway.errors import PartialErrors
from gateway.execution.admission import Metered
from gateway.execution.lookahead import selects, selects_path
from gateway.upstream.clients import Clients
from gateway.upstream.loaders import Loaders
from gateway.upstream.referentiel import Referentiel

T = TypeVar("T")


@dataclass
class Context(PartialErrors, Metered):
    """The clients, loaders, credentials and points of one HTTP request."""

    clients: Clients
    referentiel: Referentiel
    loaders: Loaders
    authorization: str = ""
    """The Authorization header, sent on to the service that owns the data; empty when absent."""
    spend: Callable[[int], None] = lambda _: None
    """Takes points from what the caller may still spend."""
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def charge(self, cost: int) -> None:
        self.spend(cost)

    def start(self, work: Awaitable[T]) -> asyncio.Task[T]:
        """Start a task now. It is cancelled when the request ends."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(_mark_seen)
        return task

    def close(self) -> None:
        """Cancel the tasks that still run: the answer was sent, or the client left."""
        for task in self._tasks:
            task.cancel()


def _mark_seen(task: asyncio.Future[Any]) -> None:
    # Without this, asyncio would log the failure of a task that no field waits for any more.
    if not task.cancelled():
        task.exception()


class Info(strawberry.Info[Context, None]):
    """The `info` argument of resolvers, with the questions they ask about the selection."""

    def selects(self, name: str) -> bool:
        """Whether the query selects a field called `name` anywhere below the one being resolved."""
        return selects(self._raw_info, name)

    def selects_path(self, *names: str) -> bool:
        """Whether the query selects these fields, each on the value of the one before it."""
        return selects_path(self._raw_info, *names)

    def add_error(self, message: str, extensions: dict[str, object]) -> None:
        """Add an error at the path of the field being resolved, beside the value that it returns."""
        raw = self._raw_info
        path = raw.path.as_list()
        error = GraphQLError(message, nodes=raw.field_nodes, path=path, extensions=extensions)
        self.context.partial_errors.append(error)

    def child_fields(self) -> list[SelectedField]:
        """The fields selected on the value of the one being resolved, fragments included."""
        pending = [selection for field in self.selected_fields for selection in field.selections]
        fields = []
        while pending:
            selection = pending.pop()
            if isinstance(selection, SelectedField):
                fields.append(selection)
            else:
                pending += selection.selections
        return fields

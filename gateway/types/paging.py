"""Relay paging, the same for every list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import strawberry

from services.common.checks import first_problems
from services.common.errors import InvalidRequest


@strawberry.type(description="Où l'on en est dans une liste paginée.")
class PageInfo:
    """PageInfo of Relay (https://relay.dev/graphql/connections.htm); lists are read forwards only."""

    has_next_page: bool = strawberry.field(description="Vrai s'il reste des lignes après celles-ci.")
    has_previous_page: bool = strawberry.field(description="Vrai si cette page n'est pas la première.")
    start_cursor: str | None = strawberry.field(description="Curseur de la première ligne de la page.")
    end_cursor: str | None = strawberry.field(
        description="Curseur de la dernière ligne : à donner dans `after` pour la page suivante."
    )


class Edge(Protocol):
    """An edge in the answer of any service."""

    @property
    def cursor(self) -> str: ...


class Answer(Protocol):
    """The answer of any service that returns a list."""

    @property
    def edges(self) -> Sequence[Edge]: ...
    @property
    def has_next_page(self) -> bool: ...
    @property
    def total_count(self) -> int: ...


@dataclass(frozen=True)
class Page:
    """The part of a list that is asked for."""

    first: int
    after: str
    """A cursor, checked by the service that made it; empty for the first page."""


def read_page(first: int, after: str | None) -> Page:
    """The page that the arguments of a list ask for. Raises InvalidRequest."""
    problems = first_problems(first)
    if problems:
        raise InvalidRequest(problems)
    return Page(first, after or "")


def page_info(answer: Answer, page: Page) -> PageInfo:
    """The PageInfo of an answer. Only its first and last rows are parsed."""
    edges = answer.edges
    return PageInfo(
        has_next_page=answer.has_next_page,
        has_previous_page=bool(page.after),
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )

"""Relay paging, the same for every list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import strawberry

from services.common.checks import first_problems
from services.common.errors import InvalidRequest


@strawberry.type(description="Où l'on en est dans une liste paginée.")
class PageInfo:
    """As Relay defines it; lists are read forwards only."""

    has_next_page: bool = strawberry.field(description="Vrai s'il reste des lignes après celles-ci.")
    has_previous_page: bool = strawberry.field(description="Vrai si cette page n'est pas la première.")
    start_cursor: str | None = strawberry.field(description="Curseur de la première ligne de la page.")
    end_cursor: str | None = strawberry.field(
        description="Curseur de la dernière ligne : à donner dans `after` pour la page suivante."
    )


@dataclass(frozen=True)
class Page:
    """What was asked of a list; `after` is the service's own cursor."""

    first: int
    after: str


class Opener(Protocol):
    """What opens a public cursor (see `cursors.py`)."""

    def open(self, kind: str, public: str) -> str: ...


def read_page(first: int, after: str | None, kind: str, cursors: Opener) -> Page:
    """The arguments of a list, checked. Raises InvalidRequest with every problem."""
    problems = first_problems(first)
    cursor = ""
    if after is not None:
        try:
            cursor = cursors.open(kind, after)
        except InvalidRequest as error:
            problems += error.problems
    if problems:
        raise InvalidRequest(problems)
    return Page(first, cursor)

"""The sources of a search: which were called, and with what result."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

import strawberry

from gateway.context import Context
from gateway.errors import public_message
from services.common.errors import DeadlineExceeded, InvalidRequest, ServiceError

T = TypeVar("T")


@strawberry.enum(description="Une source de la recherche.")
class Source(Enum):
    """The members are in the order of the rows of `sources`."""

    FORMATIONS = strawberry.enum_value("formations", description="Le catalogue des formations.")
    BESOINS = strawberry.enum_value(
        "besoins", description="Les besoins déposés par les entreprises (matcha)."
    )
    OFFRES = strawberry.enum_value("offres", description="Les offres d'emploi de France Travail.")
    RECRUTEURS = strawberry.enum_value("recruteurs", description="Les recruteurs probables (prédiction).")
    RENDEZ_VOUS = strawberry.enum_value(
        "rendez_vous", description="Les créneaux des formations, demandés une fois qu'elles sont trouvées."
    )


@strawberry.enum(description="Comment une source a répondu.")
class SourceStatus(Enum):
    """The members go from the best to the worst, except NOT_ASKED."""

    NOT_ASKED = strawberry.enum_value("not_asked", description="Aucun champ demandé ne vient d'elle.")
    OK = strawberry.enum_value("ok", description="Elle a tout répondu.")
    PARTIAL = strawberry.enum_value("partial", description="Elle a plus que ce qu'elle a pu donner.")
    TIMEOUT = strawberry.enum_value("timeout", description="Elle n'a pas répondu à temps.")
    UNAVAILABLE = strawberry.enum_value("unavailable", description="Elle ne répond pas, ou mal.")


@strawberry.type(description="Comment une source a répondu à cette recherche.")
class SourceReport:
    """The worst result of the calls to one source."""

    name: Source = strawberry.field(description="La source.")
    status: SourceStatus = strawberry.field(description="Comment elle a répondu.")
    elapsed_ms: int | None = strawberry.field(
        description="Temps de réponse ; null si elle n'a pas été appelée."
    )
    message: str | None = strawberry.field(
        description="Ce qu'il faut dire à la personne ; null si tout va bien."
    )


_SEVERITY = list(SourceStatus)


@dataclass(frozen=True)
class _Outcome:
    status: SourceStatus
    elapsed_ms: int | None
    message: str | None


class SourceBoard:
    """Starts the calls of one search, and keeps the result of each."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._tasks: list[asyncio.Task[object]] = []
        self._outcomes: dict[Source, list[_Outcome]] = {source: [] for source in Source}

    def ask(
        self, source: Source, call: Awaitable[T], partial: Callable[[T], str | None] = lambda _: None
    ) -> asyncio.Task[T]:
        """Start a call; `partial` returns why its answer is incomplete, or None."""
        return self.start(self._record_outcome(source, call, partial))

    def start(self, work: Awaitable[T]) -> asyncio.Task[T]:
        """Start a task that may call another source later; `statuses` waits for it too."""
        task = self._context.start(work)
        self._tasks.append(task)
        return task

    def skip(self, source: Source, message: str) -> None:
        """Record why a source was not called although a field of it is selected."""
        self._outcomes[source].append(_Outcome(SourceStatus.NOT_ASKED, None, message))

    async def statuses(self) -> list[SourceReport]:
        """A row for each source, once every call has ended.

        All fields of the selection have started their calls when this runs, since graphql-core calls every
        resolver before it awaits one.
        """
        # A task that ended may have started another one.
        while pending := [task for task in self._tasks if not task.done()]:
            await asyncio.wait(pending)
        return [self._status(source) for source in Source]

    def _status(self, source: Source) -> SourceReport:
        outcomes = self._outcomes[source]
        if not outcomes:
            return SourceReport(name=source, status=SourceStatus.NOT_ASKED, elapsed_ms=None, message=None)
        worst = max(outcomes, key=lambda outcome: _SEVERITY.index(outcome.status))
        slowest = max((o.elapsed_ms for o in outcomes if o.elapsed_ms is not None), default=None)
        return SourceReport(name=source, status=worst.status, elapsed_ms=slowest, message=worst.message)

    async def _record_outcome(
        self, source: Source, call: Awaitable[T], partial: Callable[[T], str | None]
    ) -> T:
        began = time.perf_counter()
        # An unexpected exception counts as a source that does not answer.
        status, message = SourceStatus.UNAVAILABLE, None
        try:
            answer = await call
            message = partial(answer)
            status = SourceStatus.PARTIAL if message else SourceStatus.OK
        except InvalidRequest as error:
            status, message = SourceStatus.NOT_ASKED, public_message(error)
            raise
        except ServiceError as error:
            timed_out = isinstance(error, DeadlineExceeded)
            status = SourceStatus.TIMEOUT if timed_out else SourceStatus.UNAVAILABLE
            message = public_message(error)
            raise
        finally:
            elapsed_ms = round((time.perf_counter() - began) * 1000)
            self._outcomes[source].append(_Outcome(status, elapsed_ms, message))
        return answer

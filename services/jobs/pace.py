"""Shares the partner's quota between callers: so many requests in any second, in a fair order."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from services.common.errors import Overloaded
from services.jobs.callers import Callers, current_callers
from services.jobs.metrics import GRANTED, REFUSED, WAITING

WINDOW_S = 1.05
"""The partner counts arrivals and we count departures: the network may bring two requests closer together."""

_MEMORY_S = 4 * WINDOW_S
"""Turns count for that long when the next one is shared. Longer, and newcomers would go first for longer."""

_QUEUE_S = 4
"""One caller has at most the requests of that many seconds waiting."""

_TOO_MANY = "trop de recherches d'offres en même temps ; réessayez dans quelques secondes"
TOLD_TO_WAIT = "France Travail limite nos recherches ; réessayez dans quelques secondes"
"""Message of a request that the partner refused."""

_MESSAGES = {
    "share": "vous avez déjà trop de recherches d'offres en attente ; réessayez dans quelques secondes",
    "late": _TOO_MANY,
    "overtaken": _TOO_MANY,
    "held": TOLD_TO_WAIT,
}


@dataclass(eq=False, frozen=True, slots=True)
class _Grant:
    """A turn that was given."""

    at: float
    name: str
    """The caller on whose share it was."""


@dataclass(eq=False, slots=True)
class _Ticket:
    """A request that waits for its turn."""

    callers: Callers
    turn: asyncio.Future[None]
    grant: _Grant | None = None


class Pace:
    """At most `per_second` requests in any second, shared fairly between those who wait.

    The next turn is for the caller with the fewest turns in the last four seconds; among equals, for the
    request that came first. So a caller alone has the whole pace, and with others no more than its share. A
    request shared by several callers has the best place among theirs.

    A caller that had a turn in the window gets the last three tenths of it one by one, and so all of them for
    two windows after a full one. Otherwise one burst would leave no turn to others for a whole second.
    Times are those of the event loop.
    """

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._spared = per_second * 3 // 10
        self._most_waiting = _QUEUE_S * per_second
        self._window: list[_Grant] = []
        self._memory: list[_Grant] = []
        self._waiting: list[_Ticket] = []
        self._spread_until = -math.inf
        self._held_until = -math.inf
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """Number of requests that wait for their turn."""
        return len(self._waiting)

    def hold(self, seconds: float) -> None:
        """Give no turn for that long, because the partner asks us to wait."""
        self._held_until = max(self._held_until, asyncio.get_running_loop().time() + seconds)
        self._give_turns()

    async def wait(self, ends_at: float, needs_s: float = 0.0) -> None:
        """Wait for a turn in the name of those who share the current call.

        A turn later than `needs_s` seconds before `ends_at` would be in vain. Raises Overloaded at once when
        none can come before, or when the caller has too many requests waiting; and as soon as others, who had
        fewer turns, have taken the ones that it waited for.
        """
        latest = ends_at - needs_s
        ticket = _Ticket(current_callers(), asyncio.get_running_loop().create_future())
        self._admit(ticket, latest)
        self._waiting.append(ticket)
        WAITING.inc()
        self._give_turns()
        try:
            async with asyncio.timeout_at(latest):
                await ticket.turn
        except TimeoutError:
            self._leave(ticket)
            raise _refusal("held" if self._held_until >= latest else "overtaken") from None
        except BaseException:
            self._leave(ticket)
            raise

    def _admit(self, ticket: _Ticket, latest: float) -> None:
        now = asyncio.get_running_loop().time()
        self._forget(now)
        if self._held_until >= latest:
            raise _refusal("held")
        own = Counter(name for each in self._waiting for name in ticket.callers if name in each.callers)
        if all(own[name] >= self._most_waiting for name in ticket.callers):
            raise _refusal("share")
        if self._turn_at(self._place_of(ticket), now) >= latest:
            raise _refusal("late")

    def _place_of(self, ticket: _Ticket) -> int:
        """Number of turns before that of a request which comes now, if nobody leaves or comes after it."""
        *others, own = self._levels([*self._waiting, ticket])
        return sum(level <= own for level in others)

    def _levels(self, tickets: Iterable[_Ticket]) -> list[int]:
        """For each request, the number of turns that its caller has before it."""
        taken = self._taken()
        levels = []
        for ticket in tickets:
            name = _best_name(ticket, taken)
            levels.append(taken[name])
            taken[name] += 1
        return levels

    def _turn_at(self, place: int, now: float) -> float:
        """When the window has the turn with that number, 0 being the next one."""
        rounds, index = divmod(place, self._per_second)
        free = self._per_second - len(self._window)
        at = now if index < free else self._window[index - free].at + WINDOW_S
        return max(at, self._held_until) + rounds * WINDOW_S

    def _give_turns(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        while self._waiting:
            now = loop.time()
            self._forget(now)
            taken = self._taken()
            # `min` takes the first of equals, and the list is in the order of arrival.
            ticket = min(self._waiting, key=lambda each: taken[_best_name(each, taken)])
            name = _best_name(ticket, taken)
            at = self._ready_at(name, now)
            if at > now:
                self._timer = loop.call_at(at, self._give_turns)
                return
            self._grant(ticket, name, now)

    def _ready_at(self, name: str, now: float) -> float:
        """When the next turn may be given, to that caller."""
        free = self._per_second - len(self._window)
        if not free:
            return max(self._held_until, self._window[0].at + WINDOW_S)
        had_one = any(grant.name == name for grant in self._window)
        if had_one and (free <= self._spared or now < self._spread_until):
            last = self._window[-1].at
            # The turns that are free last until the window has the next one.
            gap_s = (self._window[0].at + WINDOW_S - last) / (free + 1)
            return max(self._held_until, last + max(gap_s, WINDOW_S / self._per_second))
        return self._held_until

    def _grant(self, ticket: _Ticket, name: str, now: float) -> None:
        self._remove(ticket)
        if ticket.turn.done():  # It was cancelled in this turn of the loop, and is about to leave.
            return
        ticket.turn.set_result(None)
        ticket.grant = _Grant(now, name)
        self._window.append(ticket.grant)
        self._memory.append(ticket.grant)
        GRANTED.inc()
        if len(self._window) == self._per_second:
            self._spread_until = now + 2 * WINDOW_S

    def _leave(self, ticket: _Ticket) -> None:
        """Take back the place of a request that is given up, or the turn that it was just given."""
        if ticket in self._waiting:
            self._remove(ticket)
        for grants in (self._window, self._memory):
            if ticket.grant in grants:
                grants.remove(ticket.grant)
        self._give_turns()

    def _remove(self, ticket: _Ticket) -> None:
        self._waiting.remove(ticket)
        WAITING.dec()

    def _forget(self, now: float) -> None:
        for grants, seconds in ((self._window, WINDOW_S), (self._memory, _MEMORY_S)):
            while grants and grants[0].at + seconds <= now:
                grants.pop(0)

    def _taken(self) -> Counter[str]:
        return Counter(grant.name for grant in self._memory)


def _best_name(ticket: _Ticket, taken: Counter[str]) -> str:
    """The caller of a request that had the fewest turns."""
    return min(ticket.callers, key=taken.__getitem__, default="")


def _refusal(reason: str) -> Overloaded:
    REFUSED.labels(reason).inc()
    return Overloaded(_MESSAGES[reason])

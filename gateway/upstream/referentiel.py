"""Caches tables that hardly change, so that the gateway can search while the catalogue is away."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.upstream.clients import Clients
from protos import catalogue_pb2 as pb
from protos.services import CATALOGUE
from services.common.channel import DEFAULT_TIMEOUT_S
from services.common.deadline import remaining_s
from services.common.errors import DeadlineExceeded, InvalidRequest, ServiceError

T = TypeVar("T")

_FRESH_S = 600.0
_RETRY_S = 5.0
_MAX_ZONES = 10_000

_SHARE = 0.3
"""Fraction of the remaining time that these calls may take. The sources need the rest, and most of them can
answer without the catalogue.
"""


class Referentiel:
    """Caches the existing ROME codes, and the zones resolved so far."""

    def __init__(self, clients: Clients, clock: Callable[[], float] = time.monotonic) -> None:
        self._clients = clients
        self._clock = clock
        self._romes: frozenset[str] = frozenset()
        self._romes_until = 0.0
        self._zones: OrderedDict[bytes, tuple[pb.ResolveZoneResponse, float]] = OrderedDict()

    async def romes(self) -> frozenset[str]:
        """The existing ROME codes; empty if the catalogue was never reached."""
        if self._clock() >= self._romes_until:
            # Callers that come during this call use the codes known so far.
            self._romes_until = self._clock() + _RETRY_S
            catalogue = self._clients[CATALOGUE]
            try:
                answer = await _in_its_share(catalogue.read(catalogue.stub.GetRomes, pb.GetRomesRequest()))
            except ServiceError:
                return self._romes
            self._romes = frozenset(rome.code for rome in answer.romes)
            self._romes_until = self._clock() + _FRESH_S
        return self._romes

    async def resolve_zone(self, request: pb.ResolveZoneRequest) -> pb.ResolveZoneResponse:
        """Resolve the zone that a person named. An expired answer is used while the catalogue is away.

        Raises a ServiceError.
        """
        key = request.SerializeToString(deterministic=True)
        kept = self._zones.get(key)
        if kept is not None and self._clock() < kept[1]:
            return kept[0]
        catalogue = self._clients[CATALOGUE]
        try:
            answer = await _in_its_share(catalogue.read(catalogue.stub.ResolveZone, request))
        except InvalidRequest:
            raise
        except ServiceError:
            if kept is not None:
                return kept[0]
            raise
        self._zones[key] = (answer, self._clock() + _FRESH_S)
        self._zones.move_to_end(key)
        if len(self._zones) > _MAX_ZONES:
            self._zones.popitem(last=False)
        return answer


async def _in_its_share(call: Awaitable[T]) -> T:
    try:
        return await asyncio.wait_for(call, remaining_s(DEFAULT_TIMEOUT_S) * _SHARE)
    except TimeoutError:
        raise DeadlineExceeded("the catalogue was too slow") from None

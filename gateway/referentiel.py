"""Tables that hardly change, kept by the gateway so that it still answers without the catalogue."""

from __future__ import annotations

import time
from collections import OrderedDict

from gateway.clients import Clients
from protos import catalogue_pb2 as pb
from services.common.errors import InvalidRequest, ServiceError

_FRESH_S = 600.0
_MAX_ZONES = 10_000


class Referentiel:
    """The ROME codes that exist, and the zones that were resolved."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._romes: dict[str, str] = {}
        self._romes_until = 0.0
        self._zones: OrderedDict[bytes, tuple[pb.ResolveZoneResponse, float]] = OrderedDict()

    async def romes(self) -> dict[str, str]:
        """Label by code; empty when the catalogue was never reached."""
        if time.monotonic() >= self._romes_until:
            catalogue = self._clients.catalogue
            try:
                answer = await catalogue.read(catalogue.stub.GetRomes, pb.GetRomesRequest())
            except ServiceError:
                return self._romes
            self._romes = {rome.code: rome.libelle for rome in answer.romes}
            self._romes_until = time.monotonic() + _FRESH_S
        return self._romes

    async def resolve_zone(self, request: pb.ResolveZoneRequest) -> pb.ResolveZoneResponse:
        """The zone that a person named; an old answer is used while the catalogue is away.

        Raises a ServiceError.
        """
        key = request.SerializeToString(deterministic=True)
        kept = self._zones.get(key)
        if kept is not None and time.monotonic() < kept[1]:
            return kept[0]
        catalogue = self._clients.catalogue
        try:
            answer = await catalogue.read(catalogue.stub.ResolveZone, request)
        except InvalidRequest:
            raise
        except ServiceError:
            if kept is not None:
                return kept[0]
            raise
        self._zones[key] = (answer, time.monotonic() + _FRESH_S)
        self._zones.move_to_end(key)
        if len(self._zones) > _MAX_ZONES:
            self._zones.popitem(last=False)
        return answer

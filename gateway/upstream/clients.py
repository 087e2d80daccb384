"""A client of each service of the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from gateway.settings import Settings
from gateway.upstream.service_client import ServiceClient
from protos.services import JOBS, SERVICES, Service

Stub = TypeVar("Stub")

_WITH_SHARES = (JOBS.name,)
"""Services that give each caller a share: of the partner's quota."""


class Clients:
    """`clients[CATALOGUE]` calls the catalogue, by the row of the service in the table."""

    def __init__(self, by_name: Mapping[str, ServiceClient[Any]]) -> None:
        self._by_name = by_name

    def __getitem__(self, service: Service[Stub]) -> ServiceClient[Stub]:
        return self._by_name[service.name]

    @property
    def all(self) -> tuple[ServiceClient[Any], ...]:
        return tuple(self._by_name.values())

    async def close(self) -> None:
        for client in self.all:
            await client.close()


def open_clients(settings: Settings) -> Clients:
    """Clients of the services at the addresses in the settings; nothing is connected yet."""
    lazy = settings.plans and settings.wire
    return Clients(
        {
            each.name: ServiceClient(
                each, settings.address_of(each), lazy=lazy, by_caller=each.name in _WITH_SHARES
            )
            for each in SERVICES
        }
    )

"""The settings of the gateway, read from environment variables."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, create_model
from pydantic_settings import SettingsConfigDict

from protos.services import GATEWAY_METRICS_PORT, GATEWAY_PORT, SERVICES, Service
from services.common.setting_types import Port, Secret, Target
from services.common.settings import ProcessSettings

if TYPE_CHECKING:
    _AddressSettings = ProcessSettings
else:
    # One field for each row of the table of services: `GATEWAY_CATALOGUE_ADDRESS` and so on.
    _AddressSettings = create_model(
        "_AddressSettings", __base__=ProcessSettings, **{f"{each.name}_address": Target for each in SERVICES}
    )


class Settings(_AddressSettings):
    """The settings of one gateway process. Variables start with `GATEWAY_`.

    Each service has a field `<service>_address`: its gRPC target, `host:port`, or several replicas
    (`dns:///name:port`).
    """

    model_config = SettingsConfigDict(env_prefix="GATEWAY_")

    port: Port = GATEWAY_PORT
    """Port of the HTTP server."""

    budget_s: float = Field(default=3.0, gt=0)
    """Seconds that one operation may take in all; each call gets what is left of it."""

    metrics_port: Port = GATEWAY_METRICS_PORT
    """Port of `/metrics` and of `/ready` with the state of each source, which clients need not reach."""

    max_running: int = Field(default=8, gt=0)
    """Most operations that run at once in a process."""

    max_waiting: int = Field(default=32, ge=0)
    """Most operations that wait for others to end; beyond them a request is refused with 503."""

    max_wait_s: float = Field(default=1.0, gt=0)
    """Longest time that an operation waits for others, in seconds."""

    max_running_per_caller: int = Field(default=2, gt=0)
    """Most operations of one caller that run at once in a process."""

    max_waiting_per_caller: int = Field(default=16, ge=0)
    """Most operations of one caller that wait; beyond them a request is refused with 429."""

    caller_points: int = Field(default=150_000, ge=0)
    """Points that the operations of one address may cost in ten seconds, in each process; 0: no limit."""

    partner_points: int = Field(default=500_000, ge=0)
    """The same for a partner with an API key."""

    refusal_delay_s: float = Field(default=0.25, ge=0)
    """Seconds before a caller who asks too much gets its 429, so that refusals are few."""

    api_keys: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = Field(default_factory=dict)
    """SHA-256 of each API key, in hexadecimal, by the name of the partner: `{"name": "digest"}`."""

    caller_secret: Secret | None = None
    """Makes callers' names, by which services know them, impossible to guess from an address."""

    trusted_proxies: list[IPv4Network | IPv6Network] = Field(default_factory=list)
    """Networks of the reverse proxies whose `X-Forwarded-For` is believed: `["10.0.0.0/8"]`."""

    header_limit_s: float = Field(default=10.0, gt=0)
    """Seconds in which the headers of a request must arrive."""

    body_limit_s: float = Field(default=10.0, gt=0)
    """Seconds in which the body of a request must arrive."""

    write_limit_s: float = Field(default=10.0, gt=0)
    """Seconds in which a client must read its answer."""

    idle_limit_s: float = Field(default=75.0, gt=0)
    """Seconds after which a connection without requests is closed; more than the reverse proxy's."""

    max_connections_per_address: int = Field(default=256, gt=0)
    """Most connections that one address may have with a process, trusted proxies excepted."""

    max_connections: int = Field(default=4_096, gt=0)
    """Most connections of a process."""

    max_body_bytes: int = Field(default=200_000, gt=0)
    """Largest HTTP body accepted."""

    max_depth: int = Field(default=12, gt=0)
    """Deepest selection accepted in an operation."""

    max_aliases: int = Field(default=30, gt=0)
    """Most aliases accepted in an operation."""

    max_tokens: int = Field(default=2_000, gt=0)
    """Most tokens accepted in a document."""

    max_selections: int = Field(default=500, gt=0)
    """Most fields and fragments selected by an operation, once its fragments are expanded."""

    max_cost: int = Field(default=10_000, gt=0)
    """Most points that an operation may cost; the directives @cost and @listSize of the schema give them."""

    plans: bool = True
    """Whether answers are completed by compiled query plans (`gateway/execution`)."""

    wire: bool = True
    """Whether plans write lists straight from the bytes of the services' answers, where the compiled
    part was built (`gateway/execution/wire`).
    """

    workers: int = Field(default=1, ge=1, le=64)
    """Processes that share the port; one for each core that the gateway may use."""

    lifeline: int | None = None
    """Set by the first process for its workers (see `workers.py`)."""

    def address_of(self, service: Service[Any]) -> str:
        """The gRPC target of a service."""
        address: str = getattr(self, f"{service.name}_address")
        return address

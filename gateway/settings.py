"""The settings of the gateway, read from environment variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, create_model
from pydantic_settings import SettingsConfigDict

from protos.services import GATEWAY_PORT, SERVICES, Service
from services.common.setting_types import Port, Target
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

"""What the gateway reads from its environment."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.common.settings import ProcessSettings


class Settings(ProcessSettings):
    """Of one gateway process; variables start with `GATEWAY_`."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_")

    port: int = 8000
    """Port of the HTTP server."""

    catalogue_address: str
    """gRPC target of the catalogue: `host:port`, or several replicas (`dns:///name:port`)."""

    jobs_address: str
    """gRPC target of the jobs service."""

    prediction_address: str
    """gRPC target of the prediction service."""

    matcha_address: str
    """gRPC target of the matcha service."""

    rdv_address: str
    """gRPC target of the rdv service."""

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

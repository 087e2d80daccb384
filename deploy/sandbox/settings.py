"""The settings of the sandbox, read from its environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from deploy.sandbox.faults import Faults
from services.common.settings import ProcessSettings


class Settings(ProcessSettings):
    """Variables `SANDBOX_*`."""

    model_config = SettingsConfigDict(env_prefix="SANDBOX_")

    port: int
    """Port of the HTTP server."""

    state: Path
    """Folder of the simulated offers, written by `python -m deploy.sandbox.load`."""

    client_id: str
    """The one client that is known."""

    client_secret: SecretStr
    """Its secret."""

    token_lifetime_s: int = Field(default=1499, ge=1)
    """Seconds that a token is good for."""

    requests_per_s: int = Field(default=10, ge=1)
    """Requests allowed to the client each second."""

    faults: Faults = Faults()
    """Faults from the start on, as JSON: {"latencyMs": 500}; see `deploy/sandbox/faults.py`."""

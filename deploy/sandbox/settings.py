"""The settings of the sandbox, read from its environment."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from pydantic import BeforeValidator, Field
from pydantic_settings import SettingsConfigDict

from deploy.sandbox.faults import Faults
from services.common.setting_types import Folder, Port, Secret, Text
from services.common.settings import ProcessSettings


def _from_json(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


class Settings(ProcessSettings):
    """Variables `SANDBOX_*`."""

    model_config = SettingsConfigDict(env_prefix="SANDBOX_")

    port: Port
    """Port of the HTTP server."""

    state: Folder
    """Folder of the simulated offers, written by `python -m deploy.sandbox.load`."""

    client_id: Text
    """The one client that is known."""

    client_secret: Secret
    """Its secret."""

    token_lifetime_s: int = Field(default=1499, ge=1)
    """Seconds that a token is good for."""

    requests_per_s: int = Field(default=10, ge=1)
    """Requests allowed to the client each second."""

    faults: Annotated[Faults, BeforeValidator(_from_json)] = Faults()
    """Faults from the start on, as JSON: {"latencyMs": 500}; see `deploy/sandbox/faults.py`."""

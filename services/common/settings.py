"""The settings that all processes share, read from environment variables."""

from __future__ import annotations

import sys
from typing import Literal, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

MAX_MESSAGE_BYTES = 32 * 1024 * 1024
"""Largest gRPC message, for clients and servers. A page of long texts exceeds the default of 4 MiB."""

LogLevel = Literal["debug", "info", "warning", "error"]


class ProcessSettings(BaseSettings):
    """Common to the gateway and the services; each subclass gives its own `env_prefix`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    """Address to listen on; `0.0.0.0` in a container."""

    log_level: LogLevel = "info"
    """Least severe level that is logged."""

    stop_grace_s: float = 5.0
    """Seconds that running requests may still take after the signal to stop."""


class ServiceSettings(ProcessSettings):
    """Common to the gRPC services."""

    port: int
    """Port of the gRPC server."""

    metrics_port: int | None = None
    """Port of the Prometheus `/metrics` page; none is served when absent."""


S = TypeVar("S", bound=BaseSettings)


def load_settings(cls: type[S]) -> S:
    """Read the settings of a process, or exit with a list of all missing or wrong variables."""
    try:
        return cls()
    except ValidationError as error:
        prefix = str(cls.model_config.get("env_prefix", ""))
        lines = [
            f"  {(prefix + '.'.join(str(part) for part in problem['loc'])).upper()}: "
            f"{problem['msg'][:1].lower()}{problem['msg'][1:]}"
            for problem in error.errors(include_input=False)
        ]
        sys.exit("\n".join(["bad settings in the environment:", *lines]))

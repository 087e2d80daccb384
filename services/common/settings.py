"""The settings that all processes share, read from environment variables."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.common.setting_types import Host, Port

MAX_MESSAGE_BYTES = 32 * 1024 * 1024
"""Largest gRPC message, for clients and servers. A page of long texts exceeds the default of 4 MiB."""

LogLevel = Literal["debug", "info", "warning", "error"]


class ProcessSettings(BaseSettings):
    """Common to the gateway and the services; each subclass gives its own `env_prefix`."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        # A value that is no JSON would otherwise raise before any field is checked; a field of several values
        # reads its text itself.
        enable_decoding=False,
    )

    host: Host = "127.0.0.1"
    """Address to listen on; `0.0.0.0` in a container."""

    log_level: LogLevel = "info"
    """Least severe level that is logged."""

    stop_grace_s: float = Field(default=5.0, ge=0)
    """Seconds that running requests may still take after the signal to stop."""


class ServiceSettings(ProcessSettings):
    """Common to the gRPC services."""

    port: Port
    """Port of the gRPC server."""

    metrics_port: Port | None = None
    """Port of the Prometheus `/metrics` page; none is served when absent."""


S = TypeVar("S", bound=BaseSettings)


def load_settings(cls: type[S]) -> S:
    """Read the settings of a process, or exit with a list of all missing or wrong variables."""
    try:
        return cls()
    except ValidationError as error:
        prefix = str(cls.model_config.get("env_prefix", ""))
        lines = [f"  {_variable(prefix, problem)}{_reason(problem)}" for problem in error.errors()]
        sys.exit("\n".join(["bad settings in the environment:", *lines]))


def _variable(prefix: str, problem: Mapping[str, Any]) -> str:
    """The variable and the place in its value; empty for a problem of several, whose message names them."""
    if not problem["loc"]:
        return ""
    name, *place = (str(part) for part in problem["loc"])
    return f"{prefix}{name}".upper() + (f" ({'.'.join(place)})" if place else "") + ": "


def _reason(problem: Mapping[str, Any]) -> str:
    # A message never holds the value, which may be a secret; those of our own checks come without a heading.
    message = str(problem["ctx"]["error"]) if problem["type"] == "value_error" else str(problem["msg"])
    return f"{message[:1].lower()}{message[1:]}" if message[1:2].islower() else message

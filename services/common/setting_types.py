"""The types of settings: each refuses a value that can't be right, without showing it."""

from __future__ import annotations

import ipaddress
import re
import stat
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,251}[A-Za-z0-9_.])?", re.ASCII)
_TARGET_WITH_SCHEME = re.compile(r"(dns|ipv4|ipv6|unix|unix-abstract|vsock|xds):\S+", re.ASCII)
_MAX_PORT = 65535


def _check_text(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("empty, or with a character that is not printable")
    return value


def _check_secret(value: SecretStr) -> SecretStr:
    _check_text(value.get_secret_value())
    return value


def _check_host(value: str) -> str:
    if not _HOST_NAME.fullmatch(value):
        try:
            ipaddress.ip_address(value)
        except ValueError:
            raise ValueError("neither an IP address nor the name of a host") from None
    return value


def _check_target(value: str) -> str:
    host, _, port = value.rpartition(":")
    named = _TARGET_WITH_SCHEME.fullmatch(value) is not None
    if not named and not (host and re.fullmatch(r"[0-9]{1,5}", port) and _is_host_of_target(host)):
        raise ValueError("not a gRPC target: host:port, or dns:///name:port for several replicas")
    if re.fullmatch(r"[0-9]+", port) and not 0 < int(port) <= _MAX_PORT:
        raise ValueError(f"its port is not between 1 and {_MAX_PORT}")
    return value


def _is_host_of_target(host: str) -> bool:
    try:
        return bool(_check_host(host.removeprefix("[").removesuffix("]")))
    except ValueError:
        return False


def _check_folder(value: Path) -> Path:
    try:
        mode = value.stat().st_mode
    except FileNotFoundError:
        return value
    except OSError as error:
        raise ValueError(f"{value} can't be read: {error.strerror}") from error
    if not stat.S_ISDIR(mode):
        raise ValueError(f"{value} is not a folder")
    return value


def _check_readable(value: Path) -> Path:
    try:
        value.open("rb").close()
    except OSError as error:
        raise ValueError(f"{value} can't be read: {error.strerror}") from error
    return value


def _check_path(value: object) -> object:
    return _check_text(value) if isinstance(value, str) else value


Text = Annotated[str, AfterValidator(_check_text)]
"""At least one character other than spaces, all of them printable."""

Secret = Annotated[SecretStr, AfterValidator(_check_secret)]
"""A Text that is never shown."""

Port = Annotated[int, Field(ge=0, le=_MAX_PORT)]
"""A TCP port; 0 takes a free one."""

Host = Annotated[str, AfterValidator(_check_host)]
"""An IP address or the name of a host; whether it exists is seen when it is used."""

Target = Annotated[str, AfterValidator(_check_target)]
"""Where a gRPC client finds a server: https://github.com/grpc/grpc/blob/master/doc/naming.md."""

Folder = Annotated[Path, BeforeValidator(_check_path), AfterValidator(_check_folder)]
"""A folder, which may be made later."""

ReadableFile = Annotated[Path, BeforeValidator(_check_path), AfterValidator(_check_readable)]
"""A file that this process can read now."""

"""The secrets of one local installation: made once, kept in its state folder, readable by its owner only."""

from __future__ import annotations

import hashlib
import os
import secrets
import shlex
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import orjson
from pydantic import TypeAdapter

from deploy.local.state import StateUnusable

_SECRETS = TypeAdapter(dict[str, str])
_CHECKSUM = "checksum"


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Secrets:
    """Each made at random when it is not given."""

    matcha_token_secret: str = field(default_factory=_new_secret)
    """Signs the recruiters' tokens."""
    sandbox_client_id: str = field(default_factory=_new_secret)
    """What `jobs` presents to the offers' sandbox, with the next."""
    sandbox_client_secret: str = field(default_factory=_new_secret)
    gateway_caller_secret: str = field(default_factory=_new_secret)
    """Hides the addresses of clients from services."""


def load_secrets(path: Path) -> Secrets:
    """Those kept in the file; the missing ones are made, and what is no secret of ours is dropped.

    Raises StateUnusable.
    """
    known = _read(path) if path.exists() else {}
    ours = {each.name for each in fields(Secrets)}
    loaded = Secrets(**{name: secret for name, secret in known.items() if name in ours})
    kept = asdict(loaded) | {_CHECKSUM: _checksum(asdict(loaded))}
    if kept != known:
        _write_private(path, orjson.dumps(kept, option=orjson.OPT_INDENT_2))
    return loaded


def _read(path: Path) -> dict[str, str]:
    try:
        known = _SECRETS.validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _damaged(path) from error
    secrets_alone = {name: secret for name, secret in known.items() if name != _CHECKSUM}
    if known.get(_CHECKSUM, _checksum(secrets_alone)) != _checksum(secrets_alone):
        raise _damaged(path)
    return known


def _damaged(path: Path) -> StateUnusable:
    return StateUnusable(
        f"{path} can't be read: remove it to have new secrets made (tokens given before will be refused): "
        f"rm -r {shlex.quote(str(path))}"
    )


def _checksum(known: dict[str, str]) -> str:
    """It finds accidents: a changed secret would refuse all tokens without a reason."""
    return hashlib.sha256(orjson.dumps(known, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _write_private(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
        output.write(content)
    partial.replace(path)

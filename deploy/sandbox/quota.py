"""The partner's access tokens and its limit on requests."""

from __future__ import annotations

import hmac
import math
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

_SCOPES = frozenset({"api_offresdemploiv2", "o2dsoffre"})
_REALMS = frozenset({"/partenaire", "partenaire"})


@dataclass(frozen=True)
class TokenRefused(Exception):
    """An OAuth2 error response (RFC 6749, section 5.2)."""

    error: str
    description: str


class Tokens:
    """Issues tokens to the only client, and checks them."""

    def __init__(self, client_id: str, client_secret: str, lifetime_s: int) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self.lifetime_s = lifetime_s
        self.issued = 0
        self._ends_at: dict[str, float] = {}

    def issue(self, form: Mapping[str, str], realm: str) -> tuple[str, str]:
        """A new token and its scope. Raises TokenRefused."""
        if realm not in _REALMS:
            raise TokenRefused("invalid_request", "Invalid realm")
        if form.get("grant_type") != "client_credentials":
            raise TokenRefused("unsupported_grant_type", "Grant type is not supported")
        known = hmac.compare_digest(form.get("client_id", "").encode(), self._client_id.encode())
        secret = hmac.compare_digest(form.get("client_secret", "").encode(), self._client_secret.encode())
        if not (known and secret):
            raise TokenRefused("invalid_client", "Client authentication failed")
        scopes = frozenset(form.get("scope", "").split())
        if not scopes >= _SCOPES or scopes - _SCOPES - {f"application_{self._client_id}"}:
            raise TokenRefused("invalid_scope", f"Unknown/invalid scope(s): {sorted(scopes)}")
        token = secrets.token_urlsafe(20)
        now = time.monotonic()
        self._ends_at = {each: end for each, end in self._ends_at.items() if end > now}
        self._ends_at[token] = now + self.lifetime_s
        self.issued += 1
        return token, " ".join(sorted(scopes))

    def is_valid(self, authorization: str) -> bool:
        """Whether the Authorization header has a token that was issued and has not expired."""
        kind, _, token = authorization.partition(" ")
        return kind.casefold() == "bearer" and self._ends_at.get(token.strip(), 0.0) > time.monotonic()

    def revoke(self) -> None:
        self._ends_at.clear()


class Bucket:
    """A token bucket (https://en.wikipedia.org/wiki/Token_bucket) of one second of requests."""

    def __init__(self, per_second: int) -> None:
        self.capacity = per_second
        self._level = float(per_second)
        self._at = time.monotonic()

    def take(self) -> bool:
        """Count one request; False when it exceeds the limit."""
        now = time.monotonic()
        self._level = min(self.capacity, self._level + (now - self._at) * self.capacity)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True

    @property
    def remaining(self) -> int:
        return math.floor(self._level)

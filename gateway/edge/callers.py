"""Says who sends a request: a partner with an API key, or an address."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp import web

from services.common.caller import MAX_CALLER_CHARS
from services.common.errors import Unauthenticated

API_KEY_HEADER = "X-API-Key"
FORWARDED_HEADER = "X-Forwarded-For"

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_IPV6_SUBSCRIBER_BITS = 64
"""A subscriber has a whole network of IPv6 addresses: https://www.rfc-editor.org/rfc/rfc6177#section-2."""


@dataclass(frozen=True)
class Caller:
    """Who sends a request."""

    name: str
    """Opaque, the same at every request; what services know of the caller."""
    partner: str = ""
    """The name of the API key; empty without one."""


class Callers:
    """Finds the caller of each request."""

    def __init__(self, secret: str, partners: Mapping[str, str], trusted_proxies: Iterable[Network]) -> None:
        """`partners` has the SHA-256 of each API key, in hexadecimal, by the name of the partner."""
        self._secret = secret.encode()
        self._partners = {digest: name for name, digest in partners.items()}
        self._trusted = tuple(trusted_proxies)

    def of(self, request: web.Request) -> Caller:
        """The caller of a request. Raises Unauthenticated for an API key that is not known."""
        key = request.headers.get(API_KEY_HEADER)
        if key is None:
            return Caller(self._named(f"address {self._address(request)}"))
        partner = self._partners.get(hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest())
        if partner is None:
            raise Unauthenticated(f"La clé de l'en-tête {API_KEY_HEADER} n'est pas connue.")
        return Caller(self._named(f"partner {partner}"), partner)

    def is_trusted(self, address: str | None) -> bool:
        """Whether the peer is one of our own proxies, which speaks for its clients."""
        parsed = _parse(address or "")
        return parsed is not None and any(parsed in network for network in self._trusted)

    def _address(self, request: web.Request) -> str:
        """The client's address: the last one that no trusted proxy of ours has.

        Addresses before it in X-Forwarded-For are the client's own words.
        """
        found = request.remote or ""
        forwarded = ",".join(request.headers.getall(FORWARDED_HEADER, ())).split(",")
        while self.is_trusted(found) and forwarded:
            said = forwarded.pop().strip()
            if _parse(said) is None:
                break
            found = said
        return _subscriber(found)

    def _named(self, who: str) -> str:
        return hmac.new(self._secret, who.encode(), "sha256").hexdigest()[:MAX_CALLER_CHARS]


def _parse(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _subscriber(text: str) -> str:
    """The address, or for IPv6 the network of the subscriber."""
    address = _parse(text)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, _IPV6_SUBSCRIBER_BITS), strict=False))
    return str(address or text)

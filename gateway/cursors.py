"""Cursors as the public sees them: a service's own cursor, signed and bound to the list it is of."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from services.common.errors import InvalidRequest, Problem

_SIGNATURE_BYTES = 9


class CursorSigner:
    """Signs and checks cursors with a key shared by every gateway."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(secret.encode()).digest()

    def sign(self, kind: str, cursor: str) -> str:
        """The public form of the cursor of a row in the list `kind` ("formations", "offres"...)."""
        signature = self._signature(kind, cursor.encode())
        return base64.urlsafe_b64encode(signature + cursor.encode()).rstrip(b"=").decode()

    def open(self, kind: str, public: str) -> str:
        """The service's cursor in a public one. Raises InvalidRequest on `after` when it is not ours."""
        try:
            raw = base64.b64decode(public + "=" * (-len(public) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _not_ours(kind) from None
        signature, cursor = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(kind, cursor)):
            raise _not_ours(kind)
        return cursor.decode()

    def _signature(self, kind: str, cursor: bytes) -> bytes:
        person = kind.encode()[:16]
        return hashlib.blake2b(cursor, digest_size=_SIGNATURE_BYTES, key=self._key, person=person).digest()


def _not_ours(kind: str) -> InvalidRequest:
    message = (
        f"ce curseur n'est pas un curseur de « {kind} » ; donner un endCursor ou un cursor reçu, tel quel"
    )
    return InvalidRequest([Problem("after", message)])

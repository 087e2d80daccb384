"""Decides who may post for a company: the bearer of a token issued for its SIRET."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import jwt

from services.common.errors import Unauthenticated

_ALGORITHM = "HS256"
_PURPOSE = "recruteur"


class Recruteurs:
    """Recruiters, identified by a signed token in the metadata `authorization`."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def siret_of(self, metadata: Iterable[tuple[str, str | bytes]]) -> str | None:
        """The SIRET that the caller may post for; None for a caller without a token.

        Raises Unauthenticated if the token is not ours, has another purpose or has expired.
        """
        header = next((str(value) for name, value in metadata if name == "authorization"), None)
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("l'en-tête authorization doit être de la forme « Bearer <jeton> »")
        try:
            options: jwt.types.Options = {"require": ["exp", "sub", "purpose"]}
            claims = jwt.decode(token.strip(), self._secret, algorithms=[_ALGORITHM], options=options)
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("le jeton est périmé ; demandez un nouveau lien de connexion") from None
        except jwt.InvalidTokenError:
            raise Unauthenticated("le jeton est illisible ou n'a pas été émis par ce service") from None
        if claims["purpose"] != _PURPOSE:
            raise Unauthenticated("ce jeton n'est pas celui d'un recruteur")
        return str(claims["sub"])


def issue_token(secret: str, siret: str, now: datetime, valid_for: timedelta) -> str:
    """A token for the recruiter of a SIRET."""
    claims = {"sub": siret, "purpose": _PURPOSE, "iat": now, "exp": now + valid_for}
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)

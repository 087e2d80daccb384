from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from services.common.errors import Unauthenticated
from services.matcha.rights import Recruteurs, issue_token
from tests.support.matcha.builders import SECRET, SIRET
from tests.support.repository import REPOSITORY


def _siret_of(token: str, scheme: str = "Bearer") -> str | None:
    return Recruteurs(SECRET).siret_of([("x-request-id", "1"), ("authorization", f"{scheme} {token}")])


def test_token_names_its_siret() -> None:
    token = issue_token(SECRET, SIRET, datetime.now(UTC), timedelta(hours=2))

    assert _siret_of(token) == SIRET
    assert _siret_of(token, "bearer") == SIRET


def test_caller_without_token_is_nobody() -> None:
    assert Recruteurs(SECRET).siret_of([("x-request-id", "1")]) is None


def _encode(secret: str = SECRET, algorithm: str = "HS256", **claims: object) -> str:
    expires = datetime.now(UTC) + timedelta(hours=1)
    return jwt.encode({"sub": SIRET, "purpose": "recruteur", "exp": expires, **claims}, secret, algorithm)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        _encode(secret="another secret of thirty-two characters"),
        _encode(exp=datetime(2020, 1, 1, tzinfo=UTC)),
        _encode(purpose="candidat"),
        jwt.encode({"sub": SIRET, "purpose": "recruteur"}, SECRET),
        jwt.encode({"sub": SIRET, "purpose": "recruteur", "exp": 4_000_000_000}, "", "none"),
    ],
)
def test_token_that_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        _siret_of(token)


def test_other_scheme_is_refused() -> None:
    with pytest.raises(Unauthenticated, match="Bearer"):
        _siret_of(_encode(), "Basic")


@pytest.mark.server
def test_command_prints_a_token_that_is_good() -> None:
    command = [sys.executable, "-m", "services.matcha.token", "--siret", SIRET, "--hours", "1"]
    environment = {"MATCHA_TOKEN_SECRET": SECRET}

    printed = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
    )

    assert _siret_of(printed.stdout.strip()) == SIRET

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from protos import rdv_pb2
from services.common.errors import Problem
from services.common.idempotency import content_digest, key_problems


@given(st.text(max_size=120))
@example("a" * 8)
@example("a" * 7)
@example("a" * 100)
@example("a" * 101)
def test_key_is_8_to_100_visible_characters(key: str) -> None:
    right = 8 <= len(key) <= 100 and key.isascii() and all("!" <= char <= "~" for char in key)
    message = "doit avoir de 8 à 100 caractères ASCII visibles ; par exemple un UUID"

    problems = key_problems(rdv_pb2.BookRendezVousRequest(cle_idempotence=key))

    assert problems == ([] if right else [Problem("cle_idempotence", message)])


def test_request_needs_no_key() -> None:
    assert key_problems(rdv_pb2.BookRendezVousRequest()) == []


def test_digest_is_of_everything_but_the_key() -> None:
    digests = {
        content_digest(rdv_pb2.BookRendezVousRequest(message=message, cle_idempotence=key))
        for message in ("a", "b")
        for key in ("12345678", "87654321")
    }

    assert len(digests) == 2

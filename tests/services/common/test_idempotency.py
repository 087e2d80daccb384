from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from protos import rdv_pb2
from services.common.errors import Problem
from services.common.idempotency import idempotency_of, key_problems


def a_request(key: str | None = "12345678", creneau_id: str = "c1") -> rdv_pb2.BookRendezVousRequest:
    return rdv_pb2.BookRendezVousRequest(formation_id="f1", creneau_id=creneau_id, cle_idempotence=key)


@given(st.text(max_size=120))
@example("a" * 8)
@example("a" * 7)
@example("a" * 100)
@example("a" * 101)
def test_key_is_8_to_100_visible_characters(key: str) -> None:
    right = 8 <= len(key) <= 100 and key.isascii() and all("!" <= char <= "~" for char in key)
    message = "doit avoir de 8 à 100 caractères ASCII visibles ; par exemple un UUID"

    problems = key_problems(rdv_pb2.BookRendezVousRequest(cle_idempotence=key))

    assert problems == ([] if right else [Problem("cle_idempotence", message)])


def test_request_needs_no_key() -> None:
    assert key_problems(a_request(None)) == []
    assert idempotency_of(a_request(None)) is None


def test_request_that_is_repeated_has_the_same_key_and_digest() -> None:
    request = a_request()
    found = idempotency_of(request)

    assert found == idempotency_of(a_request())
    assert found is not None
    assert found.key == "12345678"
    assert request == a_request()


def test_digest_is_of_all_but_the_key() -> None:
    requests = (a_request(), a_request("87654321"), a_request(creneau_id="c2"))
    found = [idempotency_of(request) for request in requests]
    same, other_key, other_content = (each.digest for each in found if each is not None)

    assert same == other_key
    assert same != other_content

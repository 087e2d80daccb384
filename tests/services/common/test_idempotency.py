from __future__ import annotations

from protos import rdv_pb2
from services.common.idempotency import idempotency_of


def a_request(key: str | None = "12345678", creneau_id: str = "c1") -> rdv_pb2.BookRendezVousRequest:
    return rdv_pb2.BookRendezVousRequest(formation_id="f1", creneau_id=creneau_id, cle_idempotence=key)


def test_request_that_is_repeated_has_the_same_key_and_digest() -> None:
    found = idempotency_of(a_request(), "cle_idempotence")

    assert found == idempotency_of(a_request(), "cle_idempotence")
    assert found is not None
    assert found.key == "12345678"


def test_digest_is_of_all_but_the_key() -> None:
    requests = (a_request(), a_request("87654321"), a_request(creneau_id="c2"))
    found = [idempotency_of(request, "cle_idempotence") for request in requests]
    same, other_key, other_content = (each.digest for each in found if each is not None)

    assert same == other_key
    assert same != other_content


def test_request_stays_as_it_was_and_one_without_a_key_has_none() -> None:
    request = a_request()
    idempotency_of(request, "cle_idempotence")

    assert request == a_request()
    assert idempotency_of(a_request(None), "cle_idempotence") is None
    assert idempotency_of(a_request(""), "cle_idempotence") is None

from __future__ import annotations

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import status_pb2
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import (
    MAX_DETAILS_BYTES,
    STATUS_DETAILS_KEY,
    InvalidRequest,
    NotFound,
    Problem,
    ServiceError,
    UpstreamUnavailable,
    from_rpc,
    reason_of,
    to_status_details,
)

# Protobuf carries Unicode, which has no lone surrogate.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
problem_lists = st.lists(st.builds(Problem, texts, texts), min_size=1, max_size=20)


def rpc_error(
    status: grpc.StatusCode, text: str | None = None, details: bytes | None = None
) -> grpc.aio.AioRpcError:
    """The error that a client raises for an answer with this status."""
    trailing = grpc.aio.Metadata()
    if details is not None:
        trailing.add(STATUS_DETAILS_KEY, details)
    return grpc.aio.AioRpcError(status, grpc.aio.Metadata(), trailing, text)


def refused(details: bytes | None) -> InvalidRequest:
    error = from_rpc(rpc_error(grpc.StatusCode.INVALID_ARGUMENT, "romes: obligatoire", details))
    assert isinstance(error, InvalidRequest)
    return error


def test_every_error_has_a_status_of_its_own() -> None:
    kinds = ServiceError.__subclasses__()

    statuses = {kind.status for kind in kinds}

    assert len(statuses) == len(kinds)
    assert grpc.StatusCode.UNKNOWN not in statuses


def test_invalid_request_says_every_problem() -> None:
    problems = [Problem("first", "-1 n'est pas entre 0 et 100"), Problem("romes[2]", "inconnu")]

    error = InvalidRequest(problems)

    assert str(error) == "first: -1 n'est pas entre 0 et 100; romes[2]: inconnu"
    assert error.problems == tuple(problems)


@given(problem_lists)
def test_problems_are_rebuilt_from_the_details(problems: list[Problem]) -> None:
    assert refused(to_status_details(InvalidRequest(problems))).problems == tuple(problems)


@given(st.lists(st.builds(Problem, texts, texts), min_size=1, max_size=5), st.integers(1, 2_000))
def test_details_are_never_too_long_for_the_wire(problems: list[Problem], times: int) -> None:
    every = problems * times

    details = to_status_details(InvalidRequest(every))

    assert len(details) < MAX_DETAILS_BYTES + 500
    kept = refused(details).problems
    assert kept == tuple(every) or kept[:-1] == tuple(every[: len(kept) - 1])


@pytest.mark.parametrize(
    "details",
    [
        None,
        b"",
        b"\xff\xff not a message",
        status_pb2.Status(message="no detail").SerializeToString(),
        status_pb2.Status(
            details=[AnyMessage(type_url="type.googleapis.com/lba.Unknown", value=b"x")]
        ).SerializeToString(),
        status_pb2.Status(
            details=[AnyMessage(type_url="type.googleapis.com/google.rpc.BadRequest", value=b"\xff\xff")]
        ).SerializeToString(),
    ],
)
def test_refusal_with_unreadable_details_keeps_its_text(details: bytes | None) -> None:
    assert refused(details).problems == (Problem("request", "romes: obligatoire"),)


@given(st.binary(max_size=60))
def test_any_details_are_read_or_left(details: bytes) -> None:
    assert refused(details).problems


def test_refusal_without_a_text_still_says_something() -> None:
    assert from_rpc(rpc_error(grpc.StatusCode.NOT_FOUND)).message == "no detail given"
    assert from_rpc(rpc_error(grpc.StatusCode.INVALID_ARGUMENT)).message == "request: no detail given"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(grpc.StatusCode.NOT_FOUND, NotFound), (grpc.StatusCode.UNAVAILABLE, UpstreamUnavailable)],
)
def test_kind_is_read_from_the_status(status: grpc.StatusCode, kind: type[ServiceError]) -> None:
    error = from_rpc(rpc_error(status, "aucune formation f1"))

    assert (type(error), error.message) == (kind, "aucune formation f1")


@pytest.mark.parametrize(
    "status",
    [grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNIMPLEMENTED],
)
def test_what_is_not_of_the_list_is_masked(status: grpc.StatusCode) -> None:
    error = from_rpc(rpc_error(status, "Unexpected <class 'KeyError'>: 'secret'"))

    assert (type(error), error.message) == (ServiceError, "internal error")


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("no"), "no"),
        (TimeoutError(), "TimeoutError"),
        (_caused(TimeoutError(), OSError("127.0.0.1:1: refused")), "127.0.0.1:1: refused"),
        (
            _caused(UpstreamUnavailable("no answer"), OSError("db:1: refused (configured timeouts: 1 s)")),
            "no answer: db:1: refused",
        ),
        (_caused(OSError("disk full (1 MB free)"), OSError("disk full")), "disk full (1 MB free)"),
        (ValueError("first line\nsecond line"), "first line"),
        (ValueError("x" * 1000), "x" * 500),
    ],
)
def test_reason_is_short_and_holds_that_of_the_cause(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason

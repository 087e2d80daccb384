"""The closed list of errors that cross a process boundary.

    ServiceError                  gRPC status
    ├── InvalidRequest            INVALID_ARGUMENT     the request is wrong; holds every problem, by field
    ├── Unauthenticated           UNAUTHENTICATED      the token is missing, invalid or expired
    ├── Forbidden                 PERMISSION_DENIED    the token does not give this right
    ├── NotFound                  NOT_FOUND            no such object
    ├── Conflict                  ALREADY_EXISTS       the object exists already
    ├── Refused                   FAILED_PRECONDITION  the current state does not allow the call
    ├── Overloaded                RESOURCE_EXHAUSTED   too many calls, or a call that asks for too much
    ├── DeadlineExceeded          DEADLINE_EXCEEDED    the deadline passed before the answer
    └── UpstreamUnavailable       UNAVAILABLE          a store or a partner does not answer, or wrongly

Services raise them; the server's interceptor turns them into statuses and masks everything else as
INTERNAL; `from_rpc` rebuilds them at the client from the status, never from a name on the wire.
The statuses: https://grpc.io/docs/guides/status-codes/.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

STATUS_DETAILS_KEY = "grpc-status-details-bin"
"""Metadata key of the richer error model of gRPC: https://grpc.io/docs/guides/error/."""

_REASON_CHARS = 500

MAX_DETAILS_BYTES = 32 * 1024
"""Most bytes of the problems in one answer; the clients of `channel.py` accept that much metadata."""


@dataclass(frozen=True)
class Problem:
    """One problem of a request."""

    field: str
    """Path of the field in the request: `zone.rayon_km`, `romes[2]`."""
    message: str
    """Why it is wrong and what would be right; for people, in French."""


class ServiceError(Exception):
    """An expected error, whose message may be shown to the caller."""

    status = grpc.StatusCode.UNKNOWN

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidRequest(ServiceError):
    """The request is wrong. The error holds all its problems."""

    status = grpc.StatusCode.INVALID_ARGUMENT

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{each.field}: {each.message}" for each in problems))
        self.problems = tuple(problems)


class Unauthenticated(ServiceError):
    """The token is missing, invalid or expired."""

    status = grpc.StatusCode.UNAUTHENTICATED


class Forbidden(ServiceError):
    """The caller is known but does not have this right."""

    status = grpc.StatusCode.PERMISSION_DENIED


class NotFound(ServiceError):
    """There is no such object."""

    status = grpc.StatusCode.NOT_FOUND


class Conflict(ServiceError):
    """The object exists already."""

    status = grpc.StatusCode.ALREADY_EXISTS


class Refused(ServiceError):
    """The current state does not allow the call."""

    status = grpc.StatusCode.FAILED_PRECONDITION


class Overloaded(ServiceError):
    """There are too many calls, or the call asks for too much."""

    status = grpc.StatusCode.RESOURCE_EXHAUSTED


class DeadlineExceeded(ServiceError):
    """The deadline passed before the answer."""

    status = grpc.StatusCode.DEADLINE_EXCEEDED


class UpstreamUnavailable(ServiceError):
    """A store or a partner does not answer, or its answer is invalid."""

    status = grpc.StatusCode.UNAVAILABLE


_BY_STATUS: dict[grpc.StatusCode, type[ServiceError]] = {
    kind.status: kind
    for kind in (
        Unauthenticated,
        Forbidden,
        NotFound,
        Conflict,
        Refused,
        Overloaded,
        DeadlineExceeded,
        UpstreamUnavailable,
    )
}


def reason_of(error: BaseException) -> str:
    """Why, for a log or a terminal: the error, and its cause, which names the address or the file.

    Drivers say addresses without passwords, and a list of their options after a first sentence.
    """
    causes = [error, error.__cause__] if error.__cause__ else [error]
    said, *cause = (str(each).partition("\n")[0].partition(" (configured timeouts")[0] for each in causes)
    texts = [said, *(text for text in cause if text not in said)]
    return ": ".join(text[:_REASON_CHARS] for text in texts if text) or type(error).__name__


def to_status_details(error: InvalidRequest) -> bytes:
    """The problems as a serialised google.rpc.Status holding one BadRequest."""
    status = status_pb2.Status(code=grpc.StatusCode.INVALID_ARGUMENT.value[0])
    bad_request = error_details_pb2.BadRequest(
        field_violations=[
            error_details_pb2.BadRequest.FieldViolation(field=each.field, description=each.message)
            for each in _cut_to_limit(error.problems)
        ]
    )
    status.details.add().Pack(bad_request)
    return bytes(status.SerializeToString())


def _cut_to_limit(problems: Sequence[Problem]) -> list[Problem]:
    # A client rejects an answer whose metadata is too large, so the list of problems is cut.
    kept: list[Problem] = []
    room = MAX_DETAILS_BYTES
    for each in problems:
        room -= len(each.field.encode()) + len(each.message.encode()) + 16
        if room < 0:
            return [*kept, Problem("request", f"{len(problems)} problèmes, trop pour les montrer tous")]
        kept.append(each)
    return kept


def from_rpc(error: grpc.aio.AioRpcError) -> ServiceError:
    """The error that the server raised, or a masked ServiceError if it is not in the list."""
    if error.code() is grpc.StatusCode.INVALID_ARGUMENT:
        return InvalidRequest(_problems(error))
    kind = _BY_STATUS.get(error.code())
    if kind is None:
        return ServiceError("internal error")
    return kind(error.details() or "no detail given")


def _problems(error: grpc.aio.AioRpcError) -> list[Problem]:
    for key, value in error.trailing_metadata() or ():
        if key == STATUS_DETAILS_KEY and isinstance(value, bytes):
            found = _violations(value)
            if found:
                return found
    return [Problem("request", error.details() or "no detail given")]


def _violations(details: bytes) -> list[Problem]:
    bad_request = error_details_pb2.BadRequest()
    try:
        status = status_pb2.Status.FromString(details)
        if not any(detail.Unpack(bad_request) for detail in status.details):
            return []
    except DecodeError:  # The server is not ours.
        return []
    return [Problem(each.field, each.description) for each in bad_request.field_violations]

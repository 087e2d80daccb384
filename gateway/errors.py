"""What the public reads when something is wrong: typed errors pass, the rest is masked and logged once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import structlog
from graphql import ExecutionResult, GraphQLError, GraphQLSyntaxError
from strawberry.types import ExecutionResult as StrawberryExecutionResult
from strawberry.utils.str_converters import to_camel_case

from services.common.errors import (
    Conflict,
    DeadlineExceeded,
    Forbidden,
    InvalidRequest,
    NotFound,
    Overloaded,
    Problem,
    Refused,
    ServiceError,
    Unauthenticated,
    UpstreamUnavailable,
)

log = structlog.get_logger(__name__)

LIST_ARGUMENTS = ("first", "after", "sort")
FORMATION_FILTERS = ("niveaux", "diplomes", "domaines", "departements", "mois", "qualiopi")

BAD_USER_INPUT = "BAD_USER_INPUT"
INTERNAL = "INTERNAL"

CODES: dict[type[ServiceError], str] = {
    InvalidRequest: BAD_USER_INPUT,
    Unauthenticated: "UNAUTHENTICATED",
    Forbidden: "FORBIDDEN",
    NotFound: "NOT_FOUND",
    Conflict: "CONFLICT",
    Refused: "REFUSED",
    Overloaded: "OVERLOADED",
    DeadlineExceeded: "TIMEOUT",
    UpstreamUnavailable: "SOURCE_UNAVAILABLE",
}
"""`extensions.code` of each error of the closed list."""


@dataclass(kw_only=True)
class PartialErrors:
    """What the fields of one request lack beside what they give; the base of its context.

    A resolver gives a value or fails: graphql-core has no way to do both, though GraphQL has no rule
    against it. So errors beside data wait here, and `execution/operation.py` adds them to the result,
    whatever completed it: graphql-core, a plan, or the compiled part.
    """

    partial_errors: list[GraphQLError] = field(default_factory=list)


def code_of(error: ServiceError) -> str:
    """`extensions.code` of an error."""
    return CODES.get(type(error), INTERNAL)


def public_message(error: ServiceError) -> str:
    """For people, in French; what a service says of its own inside stays in the logs."""
    match error:
        case InvalidRequest():
            return "Requête refusée : " + "; ".join(f"{p.field} : {p.message}" for p in error.problems)
        case DeadlineExceeded():
            return "La source n'a pas répondu à temps ; réessayer dans un instant."
        case UpstreamUnavailable():
            return "La source est momentanément indisponible ; réessayer dans un instant."
        case Overloaded():
            return "La source est trop sollicitée ; réessayer dans un instant."
        case _ if type(error) in CODES:
            return error.message
        case _:
            return "Erreur interne."


def on_criteria(error: InvalidRequest) -> InvalidRequest:
    """A service's refusal of a search in the words of the schema: `rome_domaine` -> `criteria.romeDomaine`;
    the arguments of the list keep their names, its filters are under `filters.`.
    """
    return InvalidRequest(
        [Problem(_prefix(p.field) + to_camel_case(p.field), p.message) for p in error.problems]
    )


def _prefix(field: str) -> str:
    name = re.split(r"[.[]", field, maxsplit=1)[0]
    if name in LIST_ARGUMENTS:
        return ""
    return "filters." if name in FORMATION_FILTERS else "criteria."


def on_input(error: InvalidRequest) -> InvalidRequest:
    """A service's refusal of a mutation in the words of the schema: `lieu.point` -> `input.lieu.point`."""
    return _renamed(error, "input.")


def on_arguments(error: InvalidRequest) -> InvalidRequest:
    """A service's refusal in the words of a field whose arguments are the fields of the request."""
    return _renamed(error, "")


def _renamed(error: InvalidRequest, prefix: str) -> InvalidRequest:
    return InvalidRequest([Problem(prefix + to_camel_case(p.field), p.message) for p in error.problems])


def make_public(result: object, context: object) -> None:
    """Give each error of a result its code; mask what nobody expected, and log it with its trace. Add what
    the fields lack beside what they give.
    """
    if not isinstance(result, ExecutionResult | StrawberryExecutionResult):
        return
    partial = context.partial_errors if isinstance(context, PartialErrors) else []
    if result.errors or partial:
        result.errors = [*map(_public, result.errors or ()), *partial]


def _public(error: GraphQLError) -> GraphQLError:
    original = error.original_error
    if original is None or isinstance(original, GraphQLError):
        if error.path is None and "code" not in (error.extensions or {}):
            parse = isinstance(error, GraphQLSyntaxError)
            error.extensions = {"code": "GRAPHQL_PARSE_FAILED" if parse else "GRAPHQL_VALIDATION_FAILED"}
        elif "code" not in (error.extensions or {}):
            log.error("bad value in a message", path=error.path, reason=error.message)
            return _rebuilt(error, "Erreur interne.", {"code": INTERNAL})
        return error
    if isinstance(original, ServiceError) and type(original) in CODES:
        extensions: dict[str, object] = {"code": code_of(original)}
        if isinstance(original, InvalidRequest):
            extensions["problems"] = [{"field": p.field, "message": p.message} for p in original.problems]
        return _rebuilt(error, public_message(original), extensions)
    log.error("unexpected error", path=error.path, exc_info=original)
    return _rebuilt(error, "Erreur interne.", {"code": INTERNAL})


def _rebuilt(error: GraphQLError, message: str, extensions: dict[str, object]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )

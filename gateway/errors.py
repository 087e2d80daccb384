"""Public errors: typed errors pass, all others are masked and logged once.

extensions.code              what is wrong
BAD_REQUEST                  the HTTP request, or the name of the operation to run
GRAPHQL_PARSE_FAILED         the text of the document
GRAPHQL_VALIDATION_FAILED    the document, for this schema
LIMIT_EXCEEDED               the size or the cost of the operation; `limit` names the limit
BAD_USER_INPUT               a value, of an argument or of a variable; `problems` names each one
a code of CODES              what a service answered
INTERNAL                     an unexpected failure of the gateway or of a service
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog
from graphql import ExecutionResult, GraphQLError, GraphQLSyntaxError, ValueNode
from strawberry.types import ExecutionResult as StrawberryExecutionResult

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

BAD_REQUEST = "BAD_REQUEST"
BODY_TOO_LARGE = "BODY_TOO_LARGE"
METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
RATE_LIMITED = "RATE_LIMITED"
REQUEST_TIMEOUT = "REQUEST_TIMEOUT"
UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
UNSUPPORTED_ENCODING = "UNSUPPORTED_ENCODING"
PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
NOT_FOUND = "NOT_FOUND"
OVERLOADED = "OVERLOADED"
TIMEOUT = "TIMEOUT"
PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
BAD_USER_INPUT = "BAD_USER_INPUT"
INTERNAL = "INTERNAL"

CODES: dict[type[ServiceError], str] = {
    InvalidRequest: BAD_USER_INPUT,
    Unauthenticated: "UNAUTHENTICATED",
    Forbidden: "FORBIDDEN",
    NotFound: NOT_FOUND,
    Conflict: "CONFLICT",
    Refused: "REFUSED",
    Overloaded: OVERLOADED,
    DeadlineExceeded: TIMEOUT,
    UpstreamUnavailable: "SOURCE_UNAVAILABLE",
}
"""The `extensions.code` of each kind of ServiceError."""


@dataclass(kw_only=True)
class PartialErrors:
    """The errors of fields that also return data; the base class of the request's context.

    A resolver of graphql-core either returns a value or raises, though GraphQL allows both. So these errors
    are kept here, and `execution/operation.py` adds them to the result, whether graphql-core, a plan or the
    compiled part completed it.
    """

    partial_errors: list[GraphQLError] = field(default_factory=list)


def code_of(error: ServiceError) -> str:
    """The `extensions.code` of an error."""
    return CODES.get(type(error), INTERNAL)


def public_message(error: ServiceError) -> str:
    """The message for people, in French. Internal details of a service stay in the logs."""
    match error:
        case InvalidRequest():
            told = (f"{shortened(p.field)} : {shortened(p.message)}" for p in error.problems)
            return "Requête refusée : " + " ; ".join(told)
        case DeadlineExceeded():
            return "La source n'a pas répondu à temps ; réessayez dans un instant."
        case UpstreamUnavailable():
            return "La source est momentanément indisponible ; réessayez dans un instant."
        case Overloaded():
            return "La source est trop sollicitée ; réessayez dans un instant."
        case _ if type(error) in CODES:
            return shortened(error.message)
        case _:
            return "Erreur interne."


MAX_ECHO = 200
"""Most characters that a message keeps at each end when it is too long, as with a client's own long text."""


def shortened(message: str) -> str:
    """The message, without its middle if it is long."""
    return message if len(message) <= 2 * MAX_ECHO else f"{message[:MAX_ECHO]} […] {message[-MAX_ECHO:]}"


_REFUSED_VALUE = re.compile(
    r"(?:Argument '(?P<argument>\w+)'|Variable '(?P<variable>\$\w+)') has invalid value"
    r"(?: at (?P<path>\S+))?: (?P<reason>.*)",
    re.DOTALL,
)
"""The message of graphql-core when an argument or a variable has a value of a wrong type.

https://github.com/graphql-python/graphql-core/blob/main/src/graphql/execution/values.py
"""

_TOO_MANY_TOKENS = "Parsing aborted"
"""In the message of graphql-core's parser when a document is longer than its limit.

https://github.com/graphql-python/graphql-core/blob/main/src/graphql/language/parser.py
"""

PublicForm = tuple[str, dict[str, object]]
"""The message and the extensions of an error."""

_MASKED: PublicForm = ("Erreur interne.", {"code": INTERNAL})


def make_public(errors: Iterable[GraphQLError], *, executed: bool) -> None:
    """Give each error of an answer its code. Unexpected errors are masked, and logged with their traceback.

    `executed` is whether the document was valid and its execution started.
    """
    for error in errors:
        error.message, error.extensions = _public_form(error, executed=executed)


def add_partial_errors(result: object, context: object) -> None:
    """Add the errors of fields that also returned data to a result."""
    if isinstance(result, ExecutionResult | StrawberryExecutionResult) and isinstance(context, PartialErrors):
        result.errors = [*(result.errors or ()), *context.partial_errors] or None


def _public_form(error: GraphQLError, *, executed: bool) -> PublicForm:
    if error.extensions and "code" in error.extensions:
        return shortened(error.message), error.extensions
    original = error.original_error
    if isinstance(original, ServiceError) and type(original) in CODES:
        return public_message(original), _extensions(original)
    # Validation wraps the error that a scalar raises for a literal, and adds the literal's position.
    if original is None or isinstance(original, GraphQLError) or (error.nodes and not executed):
        return _graphql_form(error, executed=executed)
    log.error("unexpected error", path=error.path, exc_info=original)
    return _MASKED


def _extensions(error: ServiceError) -> dict[str, object]:
    code: dict[str, object] = {"code": code_of(error)}
    return code | {"problems": _problem_rows(error.problems)} if isinstance(error, InvalidRequest) else code


def _problem_rows(problems: Iterable[Problem]) -> list[dict[str, str]]:
    return [{"field": shortened(each.field), "message": shortened(each.message)} for each in problems]


def _graphql_form(error: GraphQLError, *, executed: bool) -> PublicForm:
    """The public form of an error found by graphql-core."""
    if isinstance(error, GraphQLSyntaxError):
        if _TOO_MANY_TOKENS in error.message:
            return shortened(error.message), {"code": LIMIT_EXCEEDED, "limit": "tokens"}
        return shortened(error.message), {"code": PARSE_FAILED}
    if not executed:
        return shortened(error.message), {"code": VALIDATION_FAILED}
    # An error without a path is about variables, which are read first. One at a value is about an argument.
    if error.path is None or any(isinstance(node, ValueNode) for node in error.nodes or ()):
        problems = _problem_rows([_problem_of_value(error.message)])
        return shortened(error.message), {"code": BAD_USER_INPUT, "problems": problems}
    log.error("bad value in a message", path=error.path, reason=error.message)
    return _MASKED


def _problem_of_value(message: str) -> Problem:
    """The problem, on `first`, `criteria.romes[0]`, `$zone.around.latitude`, or `variables` if unknown."""
    refused = _REFUSED_VALUE.fullmatch(message)
    if refused is None:
        return Problem("variables", message)
    name = refused["argument"] or refused["variable"]
    return Problem(f"{name}{refused['path'] or ''}", refused["reason"])

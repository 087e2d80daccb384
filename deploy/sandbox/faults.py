"""Injects faults into the sandbox, for tests and demonstrations: latency, errors, malformed answers.

Faults are set at the start (`SANDBOX_FAULTS`) or, from the same machine only, while the sandbox runs:

    PUT    /sandbox/faults   {"latencyMs": 5000}                        delays every answer by five seconds
                             {"status": 429, "retryAfterS": 2, "times": 1}   refuses the next request
                             {"errorRate": 0.3}                         answers 500 to three requests in ten
                             {"errorRate": 0.3, "status": 503}          the same with another status
                             {"lie": "html"}                            malformed answers: see `Lie`
                             {"status": 500, "target": "token"}         the token endpoint instead of the API
    GET    /sandbox/faults   returns the present faults
    DELETE /sandbox/faults   removes the faults
    DELETE /sandbox/tokens   revokes all tokens issued so far
"""

from __future__ import annotations

import random
from enum import Enum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Lie(Enum):
    """An answer that breaks the contract in spite of a status of success."""

    HTML = "html"
    """An HTML page."""
    TRUNCATED = "truncated"
    """The first half of the body only."""
    WRONG_TYPES = "wrong_types"
    """One offer in three has fields of the wrong type."""
    NO_RANGE = "no_range"
    """No Content-Range header."""
    NOT_OBJECT = "not_object"
    """A JSON array instead of an object."""


class Faults(BaseModel):
    """The faults to inject, and into how many requests."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)

    latency_ms: int = Field(default=0, ge=0, le=60_000)
    error_rate: float | None = Field(default=None, ge=0, le=1)
    status: int | None = Field(default=None, ge=400, le=599)
    retry_after_s: int = Field(default=1, ge=0)
    lie: Lie | None = None
    target: Literal["api", "token", "all"] = "api"
    times: int | None = Field(default=None, ge=1)
    """Number of requests with these faults; None means all, until the faults are replaced."""

    def applies_to(self, target: Literal["api", "token"]) -> bool:
        return self.target in ("all", target)

    def draw_error_status(self) -> int | None:
        """The error status of this request; None when it is not to fail."""
        rate = self.error_rate if self.error_rate is not None else float(self.status is not None)
        # Not security: this random number only selects the requests that fail.
        return self.status or 500 if random.random() < rate else None  # noqa: S311


class FaultBox:
    """Holds the present faults, and counts the requests that they apply to."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._requests = 0

    def set(self, faults: Faults) -> None:
        self.faults = faults
        self._requests = 0

    def faults_for(self, target: Literal["api", "token"]) -> Faults:
        """The faults of this request, which is counted."""
        faults = self.faults
        if not faults.applies_to(target):
            return Faults()
        self._requests += 1
        if faults.times is not None and self._requests >= faults.times:
            self.set(Faults())
        return faults

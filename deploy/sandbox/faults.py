"""Faults on demand, for tests and demonstrations: the sandbox slow, down or lying.

They are set at the start (`SANDBOX_FAULTS`) or, from the same machine only, while it runs:

    PUT    /sandbox/faults   {"latencyMs": 5000}                        every answer five seconds late
                             {"status": 429, "retryAfterS": 2, "times": 1}   the next request is refused
                             {"errorRate": 0.3}                         three requests in ten answer 500
                             {"errorRate": 0.3, "status": 503}          the same with another status
                             {"lie": "html"}                            see `Lie` for the other lies
                             {"status": 500, "target": "token"}         the token endpoint instead of the API
    GET    /sandbox/faults   what is set
    DELETE /sandbox/faults   back to normal
    DELETE /sandbox/tokens   every token given so far is refused from now on
"""

from __future__ import annotations

import random
from enum import Enum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Lie(Enum):
    """An answer that breaks the contract under a status that promises to keep it."""

    HTML = "html"
    """A page for people."""
    TRUNCATED = "truncated"
    """The right body, its second half missing."""
    WRONG_TYPES = "wrong_types"
    """One offer in three has fields of the wrong type."""
    NO_RANGE = "no_range"
    """No Content-Range."""
    NOT_OBJECT = "not_object"
    """JSON, of another shape."""


class Faults(BaseModel):
    """What goes wrong, for how many requests."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)

    latency_ms: int = Field(default=0, ge=0, le=60_000)
    error_rate: float | None = Field(default=None, ge=0, le=1)
    status: int | None = Field(default=None, ge=400, le=599)
    retry_after_s: int = Field(default=1, ge=0)
    lie: Lie | None = None
    target: Literal["api", "token", "all"] = "api"
    times: int | None = Field(default=None, ge=1)
    """Requests that suffer them; absent, all until they are set anew."""

    def hits(self, target: Literal["api", "token"]) -> bool:
        return self.target in ("all", target)

    def refusal(self) -> int | None:
        """The status to answer this time instead of the truth."""
        rate = self.error_rate if self.error_rate is not None else float(self.status is not None)
        # Not a secret: chance only decides which request fails.
        return self.status or 500 if random.random() < rate else None  # noqa: S311


class FaultBox:
    """The faults that are set."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._suffered = 0

    def set(self, faults: Faults) -> None:
        self.faults = faults
        self._suffered = 0

    def take(self, target: Literal["api", "token"]) -> Faults:
        """What this request suffers."""
        faults = self.faults
        if not faults.hits(target):
            return Faults()
        self._suffered += 1
        if faults.times is not None and self._suffered >= faults.times:
            self.set(Faults())
        return faults

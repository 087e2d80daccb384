"""How much of something one subject may take: the limits that `services/common/quota.py` counts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """At most this many within a sliding period; without a period, at the same time."""

    most: int
    period: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """The limits of one subject."""

    name: str
    """What kind of subject it is: `caller`."""
    subject: str
    limits: tuple[Limit, ...]

    @property
    def key(self) -> str:
        """Digest of the subject, from which it cannot be read."""
        return hashlib.sha256(f"{self.name}\n{self.subject}".encode()).hexdigest()

    def token(self, what: str) -> str:
        """Digest of what is taken. It differs in each share, so that equal ones don't tell who took what."""
        return hashlib.sha256(f"{self.key}\n{what}".encode()).hexdigest()


class LimitReached(Exception):
    """A limit of a share is reached; nothing was taken of any share."""

    def __init__(self, name: str, free_at: datetime) -> None:
        super().__init__(name)
        self.name = name
        """That of the share."""
        self.free_at = free_at
        """When one more may be taken of it."""

"""Slots are not stored: they are computed from the weekly rules of a training centre."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from services.france.clock import PARIS, paris_day
from services.france.holidays import is_ferie

HORIZON = timedelta(weeks=8)
"""How far ahead slots are offered."""

_ID = re.compile(r"([0-9]{14}):([0-9]{1,12})")


@dataclass(frozen=True, slots=True)
class Regle:
    """The hours of a weekday in which a training centre receives candidates."""

    jour: int
    """0 is Monday."""
    start: time
    end: time
    duree_min: int
    depuis: date | None = None
    """First day of the rule; None if it always applied."""
    jusqu_a: date | None = None
    """Last day of the rule; None if it has no end."""

    def holds_on(self, day: date) -> bool:
        since, until = self.depuis or date.min, self.jusqu_a or date.max
        return self.jour == day.weekday() and since <= day <= until


@dataclass(frozen=True, slots=True, order=True)
class Creneau:
    """A slot of a training centre; instants are in UTC."""

    start: datetime
    end: datetime
    siret: str

    @property
    def id(self) -> str:
        return encode_id(self.siret, self.start)

    def overlaps(self, start: datetime, end: datetime) -> bool:
        return self.start < end and start < self.end


def creneaux(siret: str, regles: Sequence[Regle], after: datetime, until: datetime) -> Iterator[Creneau]:
    """The slots that start from `after` on and end by `until`, in order of time."""
    day, last = paris_day(after), paris_day(until)
    while day <= last:
        for creneau in creneaux_of_day(siret, regles, day):
            if after <= creneau.start and creneau.end <= until:
                yield creneau
        day += timedelta(days=1)


def creneaux_of_day(siret: str, regles: Iterable[Regle], day: date) -> list[Creneau]:
    """The slots of a day, none on a public holiday. If rules overlap, the earlier slot wins."""
    if is_ferie(day):
        return []
    found = sorted(
        creneau
        for regle in regles
        if regle.holds_on(day)
        for creneau in _creneaux_of_regle(siret, regle, day)
    )
    kept: list[Creneau] = []
    for creneau in found:
        if not kept or kept[-1].end <= creneau.start:
            kept.append(creneau)
    return kept


def creneau_at(siret: str, regles: Iterable[Regle], start: datetime) -> Creneau | None:
    """The slot with this start, or None if the rules have none."""
    day = paris_day(start)
    return next((each for each in creneaux_of_day(siret, regles, day) if each.start == start), None)


def _creneaux_of_regle(siret: str, regle: Regle, day: date) -> Iterator[Creneau]:
    duree = timedelta(minutes=regle.duree_min)
    wall, closing = datetime.combine(day, regle.start), datetime.combine(day, regle.end)
    while wall + duree <= closing:
        start = _instant(wall)
        # A slot that contains the change to summer time is left out, since that hour does not exist.
        if start is not None and _instant(wall + duree) == start + duree:
            yield Creneau(start, start + duree, siret)
        wall += duree


def _instant(wall: datetime) -> datetime | None:
    """The instant of a local time in France; None if summer time skips it.

    A local time that occurs twice, at the end of summer time, is the first of both.
    """
    instant = wall.replace(tzinfo=PARIS).astimezone(UTC)
    return instant if instant.astimezone(PARIS).replace(tzinfo=None) == wall else None


def encode_id(siret: str, start: datetime) -> str:
    """The id of a slot. It encodes the slot, so that no slot needs to be stored."""
    return base64.urlsafe_b64encode(f"{siret}:{int(start.timestamp())}".encode()).rstrip(b"=").decode()


def decode_id(creneau_id: str) -> tuple[str, datetime] | None:
    """The SIRET and the start in an id; None if it is not an id of a slot."""
    try:
        padded = creneau_id + "=" * (-len(creneau_id) % 4)
        match = _ID.fullmatch(base64.b64decode(padded, altchars=b"-_", validate=True).decode())
        if match is None:
            return None
        siret, start = match[1], datetime.fromtimestamp(int(match[2]), UTC)
    except (binascii.Error, ValueError, OverflowError, OSError):
        return None
    # A slot has exactly one id, so other encodings of the same values are refused.
    return (siret, start) if encode_id(siret, start) == creneau_id else None

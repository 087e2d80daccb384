"""Shares of what may be done: so many in an hour, so many held at the same time, counted in MongoDB.

Each subject (a client, a candidate) has one document with what it took. One atomic update decides each time,
so that racing calls of several processes never take more than there is. Subjects are stored as digests, apart
from what people sent, and MongoDB removes their documents when nothing in them counts any more.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.common.mongo import WRITE_S, Database, Document, IndexModel, mongo_call, upsert_and_get
from services.common.share import Limit, LimitReached, Share

# https://www.mongodb.com/docs/manual/core/index-ttl/
_INDEXES = [IndexModel([("expire_at", 1)], name="expiry", expireAfterSeconds=0)]


@dataclass(frozen=True, slots=True)
class Taken:
    """What one call took, to be given back if it comes to nothing."""

    call: str
    shares: tuple[Share, ...]


class Quotas:
    """The shares of one service."""

    def __init__(self, database: Database) -> None:
        self._collection = database.collection("quotas", _INDEXES)

    async def take(self, shares: Sequence[Share], what: str, now: datetime, held_until: datetime) -> Taken:
        """Take one of each share. Raises LimitReached.

        `what` names what it is taken for: a repeated or racing call for the same takes nothing more. It is
        held, for limits without a period, until `held_until`.
        """
        call = uuid.uuid4().hex
        for place, share in enumerate(shares, start=1):
            token = share.token(what)
            entry = {"token": token, "call": call, "at": now, "until": held_until}
            entries = await self._take_one(share, entry, now)
            if token not in (each["token"] for each in entries):
                await self.give_back(Taken(call, tuple(shares[:place])))
                raise LimitReached(share.name, _free_at(entries, share, now))
        return Taken(call, tuple(shares))

    async def give_back(self, taken: Taken) -> None:
        """Undo what a call took; what another call took for the same is kept."""
        if not taken.shares:
            return
        of_shares = {"_id": {"$in": [share.key for share in taken.shares]}}
        with mongo_call(WRITE_S):
            await self._collection.update_many(of_shares, {"$pull": {"taken": {"call": taken.call}}})

    async def _take_one(self, share: Share, entry: Document, now: datetime) -> list[Document]:
        """What the share holds after the attempt."""
        entry["counts_until"] = max(_leaves_at(entry, limit) for limit in share.limits)
        with mongo_call(WRITE_S):
            found = await upsert_and_get(self._collection, share.key, _update(share, entry, now))
        entries: list[Document] = found["taken"]
        return entries


def _update(share: Share, entry: Document, now: datetime) -> list[Document]:
    """Stages that forget old entries, then add one unless its token is there or a limit is reached."""
    fits = [{"$lt": [{"$size": _only("$taken", _counts(limit, now))}, limit.most]} for limit in share.limits]
    is_new = {"$not": {"$in": [{"$literal": entry["token"]}, "$taken.token"]}}
    added = {"$concatArrays": ["$taken", [{"$literal": entry}]]}
    return [
        {"$set": {"taken": _only({"$ifNull": ["$taken", []]}, {"$gt": ["$$this.counts_until", now]})}},
        {"$set": {"taken": {"$cond": [{"$and": [is_new, *fits]}, added, "$taken"]}}},
        {"$set": {"expire_at": {"$max": "$taken.counts_until"}}},
    ]


def _only(entries: Document | str, condition: Document) -> Document:
    return {"$filter": {"input": entries, "as": "this", "cond": condition}}


def _counts(limit: Limit, now: datetime) -> Document:
    if limit.period is None:
        return {"$gt": ["$$this.until", now]}
    return {"$gt": ["$$this.at", now - limit.period]}


def _leaves_at(entry: Document, limit: Limit) -> datetime:
    """When an entry stops counting for a limit."""
    leaves: datetime = entry["until"] if limit.period is None else entry["at"] + limit.period
    return leaves


def _free_at(entries: Sequence[Document], share: Share, now: datetime) -> datetime:
    """When every limit of the share lets one more be taken."""
    frees = [now]
    for limit in share.limits:
        leaving = sorted(at for at in (_leaves_at(entry, limit) for entry in entries) if at > now)
        frees += leaving[len(leaving) - limit.most :][:1] if len(leaving) >= limit.most else []
    return max(frees)

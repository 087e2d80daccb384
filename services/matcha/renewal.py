"""Keeps the fictitious needs of a demonstration open: they would all expire two months after the import."""

from __future__ import annotations

import asyncio

import structlog

from services.common.errors import ServiceError
from services.france.clock import Clock, utc_now
from services.matcha.store import BesoinStore

log = structlog.get_logger(__name__)

PERIOD_S = 3600.0


async def renew_for_ever(store: BesoinStore, clock: Clock = utc_now, period_s: float = PERIOD_S) -> None:
    """Renew the needs that expire soon, now and then every `period_s` seconds.

    Several processes may do it at the same time: they write the same dates.
    """
    while True:
        try:
            count = await store.renew_fictifs(clock())
        except (ServiceError, TimeoutError) as error:
            # The needs are open for about another week, so the next run will renew them in time.
            log.warning("fictitious needs not renewed", reason=str(error))
        else:
            if count:
                log.info("fictitious needs renewed", count=count)
        await asyncio.sleep(period_s)

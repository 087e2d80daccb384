from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from services.common.errors import NotFound, Overloaded, UpstreamUnavailable
from services.jobs.store import FranceTravail, open_store
from services.jobs.zone import Query
from tests.support.jobs.partner import (
    COMMUNES,
    Partner,
    in_seconds,
    offre_simulee,
    running_partner,
    service_settings,
)
from tests.support.work import called_on_this_thread

BAKERS = Query("D1102", sort=1)
NOBODY = Query("A1101", sort=1)


@pytest.fixture
async def partner() -> AsyncIterator[Partner]:
    async with running_partner([offre_simulee(number) for number in range(320)]) as running:
        yield running


@pytest.fixture
async def store(partner: Partner) -> AsyncIterator[FranceTravail]:
    async with open_store(partner.settings, COMMUNES) as opened:
        yield opened


async def test_pages_make_the_whole(store: FranceTravail) -> None:
    pages = [await store.search_page(BAKERS, start, in_seconds(5)) for start in (0, 150, 300)]

    assert [(len(page.offres), page.total) for page in pages] == [(150, 320), (150, 320), (20, 320)]
    assert len({offre.id for page in pages for offre in page.offres}) == 320
    assert all(offre.fictive for page in pages for offre in page.offres)


async def test_no_result_has_no_body(store: FranceTravail) -> None:
    page = await store.search_page(NOBODY, 0, in_seconds(5))

    assert (page.offres, page.total) == ((), 0)


async def test_one_offer(store: FranceTravail) -> None:
    offre = await store.find("SIM00007", in_seconds(5))

    assert (offre.id, offre.intitule, offre.lieu.commune) == (
        "SIM00007",
        "Boulanger / Boulangère 7",
        "Paris 1er Arrondissement",
    )


@pytest.mark.parametrize("offre_id", ["SIM99999", "a-b", "../search", "x" * 41, "é"])
async def test_offer_that_is_not_there(store: FranceTravail, offre_id: str) -> None:
    with pytest.raises(NotFound):
        await store.find(offre_id, in_seconds(5))


async def test_one_token_for_twenty_searches_at_once(partner: Partner, store: FranceTravail) -> None:
    await asyncio.gather(*(store.search_page(BAKERS, 0, in_seconds(5)) for _ in range(20)))

    assert partner.sandbox.tokens.issued == 1


async def test_refused_token_is_renewed_once_for_all(partner: Partner, store: FranceTravail) -> None:
    await store.search_page(BAKERS, 0, in_seconds(5))
    partner.sandbox.tokens.revoke()
    before = partner.sandbox.requests

    await asyncio.gather(*(store.search_page(BAKERS, 0, in_seconds(5)) for _ in range(20)))

    assert partner.sandbox.tokens.issued == 2
    assert partner.sandbox.requests - before <= 40


async def test_token_refused_again_is_not_renewed_for_ever(partner: Partner, store: FranceTravail) -> None:
    partner.set_faults(status=401)

    with pytest.raises(UpstreamUnavailable, match="401"):
        await store.search_page(BAKERS, 0, in_seconds(5))

    assert (partner.sandbox.tokens.issued, partner.sandbox.requests) == (2, 2)


async def test_too_many_requests_then_success(partner: Partner, store: FranceTravail) -> None:
    partner.set_faults(status=429, retry_after_s=0, times=1)

    page = await store.search_page(BAKERS, 0, in_seconds(5))

    assert page.total == 320
    assert partner.sandbox.requests == 2


async def test_too_many_requests_twice_is_overload(partner: Partner, store: FranceTravail) -> None:
    partner.set_faults(status=429, retry_after_s=0)

    with pytest.raises(Overloaded):
        await store.search_page(BAKERS, 0, in_seconds(5))

    assert partner.sandbox.requests == 2


async def test_wait_beyond_the_deadline_is_not_begun(partner: Partner, store: FranceTravail) -> None:
    partner.set_faults(status=429, retry_after_s=30)

    with pytest.raises(Overloaded):
        await store.search_page(BAKERS, 0, in_seconds(5))

    assert partner.sandbox.requests == 1


async def test_request_whose_answer_would_come_too_late_is_not_sent(
    partner: Partner, store: FranceTravail
) -> None:
    await store.ping()

    with pytest.raises(Overloaded):
        await store.find("SIM00001", in_seconds(0.049))

    assert partner.sandbox.requests == 0


@pytest.mark.slow
async def test_slow_partner_is_given_up_in_time(partner: Partner, store: FranceTravail) -> None:
    await store.ping()
    partner.set_faults(latency_ms=60_000)

    with pytest.raises(TimeoutError):
        await store.search_page(BAKERS, 0, in_seconds(0.1))


@pytest.mark.parametrize("lie", ["html", "truncated", "not_object"])
async def test_liar_is_unavailable(partner: Partner, store: FranceTravail, lie: str) -> None:
    partner.set_faults(lie=lie)

    with pytest.raises(UpstreamUnavailable):
        await store.search_page(BAKERS, 0, in_seconds(5))


async def test_wrong_types_cost_only_their_own_rows(partner: Partner, store: FranceTravail) -> None:
    partner.set_faults(lie="wrong_types")

    page = await store.search_page(BAKERS, 0, in_seconds(5))

    assert (len(page.offres), page.unreadable) == (100, 50)


async def test_range_left_out_leaves_the_total_unknown(partner: Partner, store: FranceTravail) -> None:
    partner.set_faults(lie="no_range")

    page = await store.search_page(BAKERS, 0, in_seconds(5))

    assert (len(page.offres), page.total) == (150, None)


@pytest.mark.parametrize("status", [400, 403, 500, 503])
async def test_refusal_is_unavailable(partner: Partner, store: FranceTravail, status: int) -> None:
    partner.set_faults(status=status)

    with pytest.raises(UpstreamUnavailable, match=str(status)):
        await store.search_page(BAKERS, 0, in_seconds(5))


async def test_partner_that_stopped() -> None:
    async with running_partner([]) as partner:
        pass
    async with open_store(partner.settings, COMMUNES) as store:
        with pytest.raises(UpstreamUnavailable):
            await store.search_page(BAKERS, 0, in_seconds(5))
        with pytest.raises(UpstreamUnavailable):
            await store.ping()


async def test_wrong_credentials_are_named(partner: Partner) -> None:
    settings = service_settings(partner.url, client_secret=SecretStr("other"))
    async with open_store(settings, COMMUNES) as store:
        with pytest.raises(UpstreamUnavailable, match="invalid_client"):
            await store.ping()


@pytest.mark.parametrize("faults", [{"status": 503}, {"lie": "html"}, {"lie": "not_object"}])
async def test_no_token_is_unavailable(
    partner: Partner, store: FranceTravail, faults: dict[str, object]
) -> None:
    partner.set_faults(target="token", **faults)

    with pytest.raises(UpstreamUnavailable):
        await store.ping()


async def test_ping_asks_for_one_token_only(partner: Partner, store: FranceTravail) -> None:
    for _ in range(5):
        await store.ping()

    assert (partner.sandbox.tokens.issued, partner.sandbox.requests) == (1, 0)


@pytest.mark.slow
async def test_short_token_is_had_again_near_its_end() -> None:
    async with (
        running_partner([offre_simulee(1)], token_lifetime_s=1) as partner,
        open_store(partner.settings, COMMUNES) as store,
    ):
        ends_at = in_seconds(10)
        while partner.sandbox.tokens.issued < 2 and in_seconds(0) < ends_at:
            await store.search_page(BAKERS, 0, in_seconds(5))

        assert partner.sandbox.tokens.issued == 2


@pytest.mark.slow
async def test_own_pace_keeps_clear_of_the_quota() -> None:
    async with (
        running_partner([offre_simulee(1)], {"requests_per_s": 5}, requests_per_s=5) as partner,
        open_store(partner.settings, COMMUNES) as store,
    ):
        await asyncio.gather(*(store.search_page(BAKERS, 0, in_seconds(5)) for _ in range(12)))

        assert partner.sandbox.requests == 12


async def test_event_loop_does_not_read_pages(store: FranceTravail) -> None:
    with called_on_this_thread() as called:
        page = await store.search_page(BAKERS, 0, in_seconds(60))

    assert len(page.offres) == 150
    assert "FranceTravail.search_page" in called
    assert "read_page" not in called

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from gateway.upstream.clients import open_clients
from gateway.upstream.referentiel import Referentiel
from protos import catalogue_pb2, geo_pb2
from services.common.errors import InvalidRequest, Problem, UpstreamUnavailable
from tests.support.clock import HandClock
from tests.support.gateway.scripted import Scripts, scripted_services, settings_for

AWAY = UpstreamUnavailable("away")
LONG_S = 3_600.0
CORSE = catalogue_pb2.ResolveZoneRequest(departement="20")


@dataclass
class Kept:
    """What the gateway keeps, and the time it goes by."""

    referentiel: Referentiel
    clock: HandClock

    async def zone(self, request: catalogue_pb2.ResolveZoneRequest = CORSE) -> str:
        return (await self.referentiel.resolve_zone(request)).libelle


@pytest.fixture
async def kept(scripts: Scripts) -> AsyncIterator[Kept]:
    clock = HandClock()
    async with scripted_services(scripts) as addresses:
        clients = open_clients(settings_for(addresses))
        yield Kept(Referentiel(clients, clock), clock)
        await clients.close()


def answer_zone(scripts: Scripts, libelle: str) -> None:
    zone = geo_pb2.Zone(departements=["2A", "2B"])
    scripts.answer("ResolveZone", catalogue_pb2.ResolveZoneResponse(zone=zone, libelle=libelle))


async def test_a_zone_is_asked_again_when_its_answer_is_old(kept: Kept, scripts: Scripts) -> None:
    answer_zone(scripts, "Corse")
    assert [await kept.zone(), await kept.zone()] == ["Corse", "Corse"]
    assert scripts.called("ResolveZone") == 1

    answer_zone(scripts, "Corsica")
    kept.clock.pass_s(LONG_S)

    assert await kept.zone() == "Corsica"


async def test_zones_are_not_taken_for_one_another(kept: Kept, scripts: Scripts) -> None:
    answer_zone(scripts, "Corse")
    await kept.zone()
    answer_zone(scripts, "Paris")

    assert await kept.zone(catalogue_pb2.ResolveZoneRequest(departement="75")) == "Paris"


async def test_an_old_zone_is_used_while_the_catalogue_is_away(kept: Kept, scripts: Scripts) -> None:
    answer_zone(scripts, "Corse")
    await kept.zone()
    scripts.fail("ResolveZone", AWAY)
    kept.clock.pass_s(LONG_S)

    assert await kept.zone() == "Corse"


async def test_a_zone_never_resolved_needs_the_catalogue(kept: Kept, scripts: Scripts) -> None:
    scripts.fail("ResolveZone", AWAY)

    with pytest.raises(UpstreamUnavailable):
        await kept.zone()


async def test_a_zone_that_the_catalogue_refuses_by_now_is_refused(kept: Kept, scripts: Scripts) -> None:
    answer_zone(scripts, "Corse")
    await kept.zone()
    scripts.fail("ResolveZone", InvalidRequest([Problem("departement", "inconnu")]))
    kept.clock.pass_s(LONG_S)

    with pytest.raises(InvalidRequest):
        await kept.zone()


async def test_codes_are_asked_once_and_again_when_they_are_old(kept: Kept, scripts: Scripts) -> None:
    first = await kept.referentiel.romes()
    assert "D1102" in first
    scripts.answer("GetRomes", catalogue_pb2.GetRomesResponse())

    kept.clock.pass_s(60)
    assert await kept.referentiel.romes() == first
    kept.clock.pass_s(LONG_S)

    assert await kept.referentiel.romes() == frozenset()
    assert scripts.called("GetRomes") == 2


async def test_codes_known_serve_while_the_catalogue_is_away_and_it_is_asked_again_soon(
    kept: Kept, scripts: Scripts
) -> None:
    known = await kept.referentiel.romes()
    scripts.fail("GetRomes", AWAY)
    kept.clock.pass_s(LONG_S)
    scripts.forget()

    assert await kept.referentiel.romes() == known
    asked = scripts.called("GetRomes")
    assert await kept.referentiel.romes() == known
    assert scripts.called("GetRomes") == asked

    scripts.answer("GetRomes", catalogue_pb2.GetRomesResponse())
    kept.clock.pass_s(60)
    assert await kept.referentiel.romes() == frozenset()

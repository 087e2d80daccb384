from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from services.common.idempotency import Idempotency, KeyReused
from services.common.mongo import open_database
from services.france.geo import Point, Zone
from services.france.lieu import Lieu
from services.matcha.besoin import Besoin, Entreprise, Statut
from services.matcha.search import page_of
from services.matcha.store import CONTENT, BesoinStore, search_query
from tests.support.matcha.builders import (
    NOW,
    OTHER_SIRET,
    PARIS,
    a_besoin,
    a_depot,
    a_fictif,
    criteria,
)

KEY = Idempotency("key-0001", "same")


@pytest.fixture
async def store(database_url: str, database_name: str) -> AsyncIterator[BesoinStore]:
    async with open_database(database_url, database_name) as opened:
        yield BesoinStore(opened)


@pytest.fixture
def database(database_url: str, database_name: str) -> Iterator[Database[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](database_url) as client:
        yield client[database_name]


async def _create(store: BesoinStore, *besoins: Besoin) -> None:
    for besoin in besoins:
        await store.create(besoin, a_depot(besoin), ())


async def _found(store: BesoinStore, **wanted: Any) -> list[str]:
    asked = criteria(**wanted)
    return [row.id for row in page_of(await store.candidates(asked, NOW), asked).rows]


async def test_need_comes_back_as_it_was_posted(store: BesoinStore) -> None:
    besoin = a_besoin(description="Une description", niveau=3, duree_mois=24)

    await _create(store, besoin)

    assert await store.besoins(["b1", "unknown"]) == {"b1": besoin}


async def test_search_keeps_open_needs_of_the_rome_and_level(store: BesoinStore) -> None:
    await _create(
        store,
        a_besoin("any level"),
        a_besoin("level 3", niveau=3),
        a_besoin("level 4", niveau=4),
        a_besoin("other rome", romes=("D1101",)),
        a_besoin("both romes", romes=("D1101", "D1102")),
        a_besoin("waiting", statut=Statut.EN_ATTENTE),
        a_besoin("filled", statut=Statut.POURVU),
        a_besoin("expired", expire_le=NOW),
    )

    assert await _found(store, niveau=3) == ["any level", "both romes", "level 3"]


async def test_zone_is_a_circle_communes_departements_or_all(store: BesoinStore) -> None:
    lyon = Lieu(insee="69381", departement="69", point=Point(45.76, 4.84))
    await _create(store, a_besoin("paris"), a_besoin("lyon", lieu=lyon))

    assert await _found(store) == ["lyon", "paris"]
    assert await _found(store, zone=Zone(origin=PARIS)) == ["paris", "lyon"]
    assert await _found(store, zone=Zone(origin=PARIS, rayon_km=30)) == ["paris"]
    assert await _found(store, zone=Zone(communes=frozenset({"69381"}))) == ["lyon"]
    assert await _found(store, zone=Zone(origin=PARIS, departements=frozenset({"69", "2A"}))) == ["lyon"]


@pytest.mark.parametrize("rayon_km", [0.05, 30.0, 200.0])
async def test_need_on_the_edge_of_the_circle_is_not_lost_to_the_servers_own_sphere(
    store: BesoinStore, rayon_km: float
) -> None:
    # One degree of latitude is 111.195 km on our sphere.
    inside = Point(PARIS.latitude + (rayon_km - 1e-4) / 111.19508, PARIS.longitude)
    outside = Point(PARIS.latitude + (rayon_km + 1e-3) / 111.19508, PARIS.longitude)
    await _create(store, a_besoin("inside", point=inside), a_besoin("outside", point=outside))

    assert await _found(store, zone=Zone(origin=PARIS, rayon_km=rayon_km)) == ["inside"]


async def test_same_key_gives_the_first_need_and_another_content_is_refused(store: BesoinStore) -> None:
    first, second = a_besoin("first"), a_besoin("second")
    depot = a_depot(first, idempotency=KEY)

    await store.create(first, depot, ())

    assert await store.create(second, depot, ()) == first
    with pytest.raises(KeyReused):
        await store.create(second, replace(depot, idempotency=Idempotency(KEY.key, "other")), ())


async def test_same_key_of_another_company_is_another_need(store: BesoinStore) -> None:
    first = a_besoin("first")
    second = a_besoin("second", entreprise=Entreprise(OTHER_SIRET, "Autre"))
    for besoin in (first, second):
        await store.create(besoin, a_depot(besoin, idempotency=KEY), ())

    assert len(await store.besoins(["first", "second"])) == 2


async def test_calls_with_one_key_that_race_create_one_need(store: BesoinStore) -> None:
    besoins = [a_besoin(f"b{number}") for number in range(20)]
    depots = [a_depot(besoin, idempotency=KEY) for besoin in besoins]

    created = await asyncio.gather(*(store.create(b, d, ()) for b, d in zip(besoins, depots, strict=True)))

    assert len({besoin.id for besoin in created}) == 1
    assert len(await store.besoins([besoin.id for besoin in besoins])) == 1


async def test_main_queries_use_their_indexes(store: BesoinStore, database: Database[dict[str, Any]]) -> None:
    await store.replace_fictifs([a_fictif(f"f{number}") for number in range(200)])
    zones = {"search_in_circle": Zone(origin=PARIS, rayon_km=30), "search": Zone()}

    for index, zone in zones.items():
        plan = database["besoins"].find(search_query(criteria(zone=zone), NOW)).explain()
        assert f"'indexName': '{index}'" in str(plan["queryPlanner"]["winningPlan"])
    plan = database["besoins"].find({CONTENT: "digest"}).explain()
    assert "'indexName': 'one_per_content'" in str(plan["queryPlanner"]["winningPlan"])


async def test_import_replaces_fictitious_needs_and_leaves_those_of_people(store: BesoinStore) -> None:
    person = a_besoin("of a person")
    await _create(store, person)

    await store.replace_fictifs([a_fictif("f1"), a_fictif("f2")])
    await store.replace_fictifs([a_fictif("f2"), a_fictif("f3")])

    assert await _found(store) == ["of a person", "f2", "f3"]
    await store.replace_fictifs([])
    assert await _found(store) == ["of a person"]


async def test_search_never_finds_none_while_an_import_runs(store: BesoinStore) -> None:
    fictifs = [a_fictif(f"f{number}") for number in range(300)]
    await store.replace_fictifs(fictifs)
    imports = asyncio.create_task(store.replace_fictifs(fictifs))

    counts = []
    while not imports.done():
        counts.append(len(await _found(store, first=1000)))
    await imports

    assert set(counts) == {300}


async def test_fictitious_needs_are_renewed_before_they_expire_and_others_are_not(store: BesoinStore) -> None:
    await _create(store, a_besoin("of a person"))
    await store.replace_fictifs([a_fictif("old", age_days=40), a_fictif("young", age_days=0)])
    later = NOW + timedelta(days=20)

    assert await store.renew_fictifs(later) == 1
    assert await store.renew_fictifs(later) == 0

    besoins = await store.besoins(["old", "young", "of a person"])
    assert besoins["old"].cree_le == later - timedelta(days=40)
    assert besoins["old"].at(NOW + timedelta(days=32)).statut is Statut.ACTIF
    assert besoins["young"].cree_le == besoins["of a person"].cree_le == NOW


async def test_opco_table_is_replaced_whole(store: BesoinStore) -> None:
    await store.replace_opcos({"3": "Opco Mobilités", "18": "OPCO 2i"})
    await store.replace_opcos({"18": "AKTO"})

    assert [await store.opco_of(idcc) for idcc in ("3", "18")] == [None, "AKTO"]

"""Needs in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from services.common.idempotency import KeyReused
from services.common.mongo import (
    IMPORT_S,
    WRITE_S,
    Database,
    Document,
    DuplicateKeyError,
    IndexModel,
    UpdateOne,
    find_same,
    idempotency_index,
    insert_once,
    mongo_call,
)
from services.common.quota import Quotas
from services.common.share import Share
from services.france.geo import EARTH_RADIUS_KM, Zone
from services.matcha.besoin import Besoin, Depot, Fictif, Statut
from services.matcha.documents import (
    CANDIDATE,
    PUBLIC,
    besoin_from_document,
    candidate_from_document,
    dates_to_document,
    dating_from_document,
    depot_to_document,
    fictif_to_document,
)
from services.matcha.search import Candidate, Criteria

CONTENT = "contenu"
"""Digest of a need posted without a token, kept while the need waits or is open."""

_WAITING_OR_OPEN = [Statut.EN_ATTENTE.value, Statut.ACTIF.value]

_BATCH = 1_000
"""Candidates read at once. Each batch costs a round trip, and holds the event loop for a few milliseconds."""

RENEWED_BEFORE = timedelta(days=7)

_INDEXES = [
    IndexModel([("statut", 1), ("romes", 1), ("point", "2dsphere")], name="search_in_circle"),
    IndexModel([("statut", 1), ("romes", 1), ("expire_le", 1)], name="search"),
    IndexModel([("statut", 1), ("expire_le", 1)], name="expiry"),
    IndexModel(
        [(CONTENT, 1)],
        name="one_per_content",
        unique=True,
        partialFilterExpression={CONTENT: {"$exists": True}},
    ),
    idempotency_index("entreprise.siret"),
    IndexModel([("expire_le", 1)], name="fictive_expiry", partialFilterExpression={"fictive": True}),
]


class BesoinStore:
    """The needs, and the table of OPCO."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._besoins = database.collection("besoins", _INDEXES)
        self._opcos = database.collection("opcos")
        self._quotas = Quotas(database)

    async def ping(self) -> None:
        """Raises if the database does not answer or lacks its indexes."""
        await self._database.ping()

    async def candidates(self, criteria: Criteria, now: datetime) -> list[Candidate]:
        """All open needs that may match. For a circle, they include some just outside."""
        query = search_query(criteria, now)
        with mongo_call():
            cursor = self._besoins.find(query, CANDIDATE, batch_size=_BATCH)
            found: list[Candidate] = []
            while batch := await cursor.to_list(_BATCH):
                found += map(candidate_from_document, batch)
            return found

    async def besoins(self, ids: Sequence[str]) -> dict[str, Besoin]:
        """Needs by id; unknown ids are left out."""
        if not ids:
            return {}
        with mongo_call():
            cursor = self._besoins.find({"_id": {"$in": list(ids)}}, PUBLIC, batch_size=len(ids) + 1)
            found = await cursor.to_list(None)
        return {document["_id"]: besoin_from_document(document) for document in found}

    async def opco_of(self, idcc: str) -> str | None:
        """The OPCO of a collective agreement; None when the table has no such agreement."""
        with mongo_call():
            found = await self._opcos.find_one({"_id": idcc})
        return None if found is None else str(found["opco"])

    async def create(self, besoin: Besoin, depot: Depot, shares: Sequence[Share]) -> Besoin:
        """Add a need, or find the one that the same request created.

        A waiting need is also found by its content, and takes one of each share. Raises KeyReused, or
        LimitReached. There is one insertion, and unique indexes decide between racing calls.
        """
        await self._database.prepare()
        document = depot_to_document(besoin, depot)
        if besoin.statut is not Statut.EN_ATTENTE:
            return await self._insert(document, besoin, depot)
        with mongo_call(WRITE_S):
            same = await self._find_same(depot, besoin.cree_le)
        if same is not None:
            return same
        taken = await self._quotas.take(shares, depot.contenu, besoin.cree_le, besoin.expire_le)
        try:
            return await self._insert({**document, CONTENT: depot.contenu}, besoin, depot)
        except KeyReused:
            await self._quotas.give_back(taken)
            raise

    async def _insert(self, document: Document, besoin: Besoin, depot: Depot) -> Besoin:
        with mongo_call(WRITE_S):
            try:
                same = await insert_once(self._besoins, document, depot.idempotency, PUBLIC, _company(depot))
            except DuplicateKeyError:
                same = await self._besoins.find_one({CONTENT: depot.contenu}, PUBLIC)
                if same is None:
                    raise
        return besoin if same is None else besoin_from_document(same)

    async def _find_same(self, depot: Depot, now: datetime) -> Besoin | None:
        """The need that the same request created, else the waiting or open one of the same content."""
        found = await find_same(self._besoins, depot.idempotency, PUBLIC, _company(depot))
        if found is None:
            over = {"$or": [{"expire_le": {"$lte": now}}, {"statut": {"$nin": _WAITING_OR_OPEN}}]}
            await self._besoins.update_one({CONTENT: depot.contenu, **over}, {"$unset": {CONTENT: ""}})
            found = await self._besoins.find_one({CONTENT: depot.contenu}, PUBLIC)
        return None if found is None else besoin_from_document(found)

    async def renew_fictifs(self, now: datetime) -> int:
        """Renew the dates of fictitious needs that expire soon; returns their number."""
        old = {"fictive": True, "expire_le": {"$lt": now + RENEWED_BEFORE}}
        with mongo_call(IMPORT_S):
            cursor = self._besoins.find(old, {**PUBLIC, "renouvellement": 1})
            documents = await cursor.to_list(None)
            updates = [
                UpdateOne(
                    {"_id": document["_id"], "fictive": True},
                    {"$set": dates_to_document(_renewed(document, now))},
                )
                for document in documents
            ]
            if updates:
                await self._besoins.bulk_write(updates, ordered=False)
        return len(updates)

    async def replace_fictifs(self, fictifs: Sequence[Fictif]) -> None:
        """Replace all fictitious needs by these. Needs of people are not changed."""
        documents = [fictif_to_document(fictif) for fictif in fictifs]
        await self._database.replace(self._besoins, documents, {"fictive": True})

    async def replace_opcos(self, opcos: Mapping[str, str]) -> None:
        """Replace the table of collective agreements."""
        rows = [{"_id": idcc, "opco": opco} for idcc, opco in opcos.items()]
        await self._database.replace(self._opcos, rows)


def search_query(criteria: Criteria, now: datetime) -> Document:
    """The query for needs that may match. Its circle is a little wider: MongoDB's sphere is not ours."""
    query: Document = {
        "statut": Statut.ACTIF.value,
        "romes": {"$in": list(criteria.romes)},
        "expire_le": {"$gt": now},
        **_zone_query(criteria.zone),
    }
    if criteria.niveau is not None:
        # None matches documents without the field, which are needs for any level.
        query["niveau"] = {"$in": [criteria.niveau, None]}
    return query


def _zone_query(zone: Zone) -> Document:
    if zone.origin is not None and zone.rayon_km is not None:
        centre = [zone.origin.longitude, zone.origin.latitude]
        radius = (zone.rayon_km * 1.0001 + 0.001) / EARTH_RADIUS_KM
        return {"point": {"$geoWithin": {"$centerSphere": [centre, radius]}}}
    if zone.communes:
        return {"lieu.insee": {"$in": sorted(zone.communes)}}
    if zone.departements:
        return {"lieu.departement": {"$in": sorted(zone.departements)}}
    return {}


def _company(depot: Depot) -> Document:
    return {"entreprise.siret": depot.annonce.entreprise.siret}


def _renewed(document: Document, now: datetime) -> Besoin:
    return besoin_from_document(document).renewed(dating_from_document(document), now)

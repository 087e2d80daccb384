"""Appointments in MongoDB: the one file of the service that knows the driver."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import IndexModel, ReplaceOne
from pymongo.errors import DuplicateKeyError

from services.common.mongo import CLIENT_OPTIONS, WRITE_S, mongo_call
from services.rdv.creneau import Creneau, Regle
from services.rdv.documents import (
    PUBLIC,
    Document,
    booked_from_document,
    regles_from_documents,
    regles_to_documents,
    rendez_vous_from_document,
    rendez_vous_to_document,
)
from services.rdv.rendez_vous import (
    ASKED_AGAIN_AFTER,
    Accueil,
    Accueils,
    CleDejaUtilisee,
    CreneauPris,
    DejaDemande,
    Demande,
    RendezVous,
    Statut,
)

Client = AsyncIOMotorClient[Document]

ASKED = "demande"
"""Digest of the candidate and the training, kept for as long as they may not be asked for again."""

IMPORT_TIMEOUT_S = 120.0

_RENDEZ_VOUS_INDEXES = [
    # Holds all that `booked_query` asks and gives back: no document is read.
    IndexModel([("siret", 1), ("statut", 1), ("start", 1), ("end", 1)], name="slots_taken"),
    IndexModel(
        [("siret", 1), ("start", 1)],
        name="one_per_slot",
        unique=True,
        partialFilterExpression={"statut": Statut.CONFIRME.value},
    ),
    IndexModel(
        [("cle_idempotence", 1)],
        name="idempotency",
        unique=True,
        partialFilterExpression={"cle_idempotence": {"$exists": True}},
    ),
    IndexModel(
        [(ASKED, 1)],
        name="one_per_candidate",
        unique=True,
        partialFilterExpression={ASKED: {"$exists": True}},
    ),
]


@contextmanager
def open_client(url: str) -> Iterator[Client]:
    """A client that connects when it is first used."""
    client: Client = AsyncIOMotorClient(url, appname="rdv", **CLIENT_OPTIONS)
    try:
        yield client
    finally:
        client.close()


class RendezVousStore:
    """Trainings and who gives them, weekly rules by SIRET, appointments."""

    def __init__(self, client: Client, database: str) -> None:
        self._client = client
        self._formations = client[database]["formations"]
        self._disponibilites = client[database]["disponibilites"]
        self._rendez_vous = client[database]["rendez_vous"]
        self._prepared = False

    async def ping(self) -> None:
        """Raises unless the database answers and has its indexes."""
        with mongo_call():
            await self._client.admin.command("ping")
        await self.prepare()

    async def prepare(self) -> None:
        """Create what indexes are missing; nothing the second time."""
        if not self._prepared:
            with mongo_call(IMPORT_TIMEOUT_S):
                await self._rendez_vous.create_indexes(_RENDEZ_VOUS_INDEXES)
            self._prepared = True

    async def accueils(self, formation_ids: Sequence[str], booked_after: datetime | None) -> Accueils:
        """How candidates are received, by training; with the appointments that end after a time, if any."""
        with mongo_call():
            found = await self._formations.aggregate(regles_pipeline(formation_ids)).to_list(None)
            sirets = {document["siret"] for document in found if document["rules"]}
            booked = await self._booked(sirets, booked_after) if sirets and booked_after else {}
        return {
            document["_id"]: Accueil(
                formation_id=document["_id"],
                siret=document["siret"],
                regles=regles_from_documents(document["rules"]),
                booked=booked.get(document["siret"], ()),
            )
            for document in found
        }

    async def _booked(
        self, sirets: set[str], after: datetime
    ) -> Mapping[str, list[tuple[datetime, datetime]]]:
        found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        cursor = self._rendez_vous.find(
            booked_query(sirets, after), {"_id": 0, "siret": 1, "start": 1, "end": 1}, batch_size=10_000
        )
        for document in await cursor.to_list(None):
            found[document["siret"]].append(booked_from_document(document))
        return found

    async def find_by_key(self, demande: Demande) -> RendezVous | None:
        """The appointment that the same key booked. Raises CleDejaUtilisee when it is another one."""
        with mongo_call():
            return await self._find_by_key(demande)

    async def book(self, demande: Demande, creneau: Creneau, now: datetime) -> RendezVous:
        """Book the slot, or find what the same key booked.

        Raises CleDejaUtilisee, DejaDemande, CreneauPris. One insertion does it all: unique indexes
        decide between calls that race, so no lock is left by one that is cut off.
        """
        await self.prepare()
        rendez_vous = RendezVous(uuid.uuid4().hex, demande.formation_id, creneau, Statut.CONFIRME, now)
        document = {**rendez_vous_to_document(rendez_vous, demande), ASKED: demande.who_and_what}
        with mongo_call(WRITE_S):
            await self._forget_old(demande, now)
            # Slots of other rules than today's may overlap this one: the index on starts can't know.
            overlapping = booked_query({creneau.siret}, creneau.start, creneau.end)
            if await self._rendez_vous.find_one(overlapping, {"_id": 1}):
                return await self._same_or_refuse(demande)
            try:
                await self._rendez_vous.insert_one(document)
            except DuplicateKeyError:
                return await self._same_or_refuse(demande)
        return rendez_vous

    async def _same_or_refuse(self, demande: Demande) -> RendezVous:
        same = await self._find_by_key(demande)
        if same is not None:
            return same
        # Whoever asks twice is told so, rather than that somebody else took the slot.
        if await self._rendez_vous.find_one({ASKED: demande.who_and_what}, {"_id": 1}):
            raise DejaDemande
        raise CreneauPris

    async def _forget_old(self, demande: Demande, now: datetime) -> None:
        old = {ASKED: demande.who_and_what, "cree_le": {"$lte": now - ASKED_AGAIN_AFTER}}
        await self._rendez_vous.update_one(old, {"$unset": {ASKED: ""}})

    async def _find_by_key(self, demande: Demande) -> RendezVous | None:
        if demande.cle_idempotence is None:
            return None
        same_key = {"cle_idempotence": demande.cle_idempotence}
        found = await self._rendez_vous.find_one(same_key, {**PUBLIC, "empreinte": 1})
        if found is not None and found["empreinte"] != demande.empreinte:
            raise CleDejaUtilisee
        return None if found is None else rendez_vous_from_document(found)

    async def replace_formations(self, siret_by_id: Mapping[str, str]) -> None:
        """Put these trainings in the place of those there are; the new ones come first."""
        generation = uuid.uuid4().hex
        writes = [
            ReplaceOne({"_id": id_}, {"siret": siret, "generation": generation}, upsert=True)
            for id_, siret in siret_by_id.items()
        ]
        with mongo_call(IMPORT_TIMEOUT_S):
            await self._formations.bulk_write(writes, ordered=False)
            await self._formations.delete_many({"generation": {"$ne": generation}})

    async def replace_fictives(self, regles_by_siret: Mapping[str, Sequence[Regle]]) -> None:
        """Put these rules in the place of the fictitious ones; those that a training centre set stay."""
        generation = uuid.uuid4().hex
        with mongo_call(IMPORT_TIMEOUT_S):
            real = set(await self._disponibilites.distinct("_id", {"fictive": {"$ne": True}}))
            writes = [
                ReplaceOne(
                    {"_id": siret},
                    {"regles": regles_to_documents(regles), "fictive": True, "generation": generation},
                    upsert=True,
                )
                for siret, regles in regles_by_siret.items()
                if siret not in real
            ]
            if writes:
                await self._disponibilites.bulk_write(writes, ordered=False)
            await self._disponibilites.delete_many({"fictive": True, "generation": {"$ne": generation}})


def regles_pipeline(formation_ids: Sequence[str]) -> list[Document]:
    """The trainings with the rules of who gives them, in one question."""
    return [
        {"$match": {"_id": {"$in": list(set(formation_ids))}}},
        {
            "$lookup": {
                "from": "disponibilites",
                "localField": "siret",
                "foreignField": "_id",
                "as": "found",
            }
        },
        {"$project": {"siret": 1, "rules": {"$ifNull": [{"$first": "$found.regles"}, []]}}},
    ]


def booked_query(sirets: set[str], after: datetime, before: datetime | None = None) -> Document:
    """Appointments at these training centres that end after a time, and start before another."""
    # No appointment lasts a day: those of the past years are not even looked at in the index.
    start = {"$gt": after - timedelta(days=1)}
    if before is not None:
        start["$lt"] = before
    statut = Statut.CONFIRME.value
    return {"siret": {"$in": sorted(sirets)}, "statut": statut, "start": start, "end": {"$gt": after}}

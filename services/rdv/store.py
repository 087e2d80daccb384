"""Appointments in MongoDB."""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from services.common.idempotency import KeyReused
from services.common.mongo import (
    WRITE_S,
    Database,
    Document,
    DuplicateKeyError,
    IndexModel,
    aggregate,
    find_same,
    idempotency_index,
    insert_once,
    mongo_call,
)
from services.common.quota import Quotas
from services.common.share import LimitReached
from services.france.clock import next_day, paris_day
from services.rdv.creneau import Creneau, Regle
from services.rdv.documents import (
    PUBLIC,
    booked_from_document,
    regles_from_documents,
    regles_to_documents,
    rendez_vous_from_document,
    rendez_vous_to_document,
)
from services.rdv.limits import CENTRE, Allowance
from services.rdv.rendez_vous import (
    ASKED_AGAIN_AFTER,
    Accueil,
    Accueils,
    CreneauPris,
    DejaDemande,
    Demande,
    RendezVous,
    RendezVousRefused,
    Statut,
)

ASKED = "demande"
"""Digest of the candidate and the training, kept while the candidate may not ask for it again."""

JOUR, PLACE = "jour", "place_du_jour"
"""Day in Paris on which an appointment was booked, and its number among those of its centre on that day."""

_READ_AT_ONCE = 30

_BATCH = 2_000
"""Appointments read at once. A batch costs a round trip, and holds the event loop for a few milliseconds."""

_RENDEZ_VOUS_INDEXES = [
    # It covers `booked_query` and its result, so that no document is read.
    IndexModel([("siret", 1), ("statut", 1), ("start", 1), ("end", 1)], name="slots_taken"),
    IndexModel(
        [("siret", 1), ("start", 1)],
        name="one_per_slot",
        unique=True,
        partialFilterExpression={"statut": Statut.CONFIRME.value},
    ),
    idempotency_index(),
    IndexModel(
        [(ASKED, 1)],
        name="one_per_candidate",
        unique=True,
        partialFilterExpression={ASKED: {"$exists": True}},
    ),
    IndexModel(
        [("siret", 1), (JOUR, 1), (PLACE, 1)],
        name="places_of_day",
        unique=True,
        partialFilterExpression={PLACE: {"$exists": True}},
    ),
]


class RendezVousStore:
    """Trainings with their SIRET, weekly rules by SIRET, and appointments."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._formations = database.collection("formations")
        self._disponibilites = database.collection("disponibilites")
        self._rendez_vous = database.collection("rendez_vous", _RENDEZ_VOUS_INDEXES)
        self._quotas = Quotas(database)

    async def ping(self) -> None:
        """Raises if the database does not answer or lacks its indexes."""
        await self._database.ping()

    async def accueils(self, formation_ids: Sequence[str], booked_after: datetime | None) -> Accueils:
        """The Accueil of each training, with the appointments that end after `booked_after`, if given."""
        with mongo_call():
            found = await aggregate(self._formations, regles_pipeline(formation_ids))
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
            booked_query(sirets, after), {"_id": 0, "siret": 1, "start": 1, "end": 1}, batch_size=_BATCH
        )
        while batch := await cursor.to_list(_BATCH):
            for document in batch:
                found[document["siret"]].append(booked_from_document(document))
        return found

    async def find_same(self, demande: Demande) -> RendezVous | None:
        """The appointment that the same request booked. Raises KeyReused."""
        with mongo_call():
            return await self._find_same(demande)

    async def book(
        self, demande: Demande, creneau: Creneau, allowance: Allowance, now: datetime
    ) -> RendezVous:
        """Book the slot, or find what the same request booked.

        Raises KeyReused, DejaDemande, CreneauPris, and LimitReached if the allowance is used up. There is one
        insertion, and unique indexes decide between racing calls.
        """
        await self._database.prepare()
        with mongo_call(WRITE_S):
            await self._forget_old(demande, now)
            # An appointment made under former rules may overlap this slot: the index can't tell.
            overlapping = booked_query({creneau.siret}, creneau.start, creneau.end)
            if await self._rendez_vous.find_one(overlapping, {"_id": 1}):
                return await self._same_or_refuse(demande)
        # A candidate books a training once, so that repeated calls take one unit.
        taken = await self._quotas.take(allowance.shares, demande.who_and_what, now, creneau.end)
        try:
            with mongo_call(WRITE_S):
                return await self._insert(demande, creneau, allowance.centre_per_day, now)
        except (RendezVousRefused, KeyReused, LimitReached):
            await self._quotas.give_back(taken)
            raise

    async def _insert(self, demande: Demande, creneau: Creneau, per_day: int, now: datetime) -> RendezVous:
        """The appointment takes one of the numbered places that its centre has on the day of the booking."""
        rendez_vous = RendezVous(uuid.uuid4().hex, demande.formation_id, creneau, Statut.CONFIRME, now)
        document = {**rendez_vous_to_document(rendez_vous, demande), ASKED: demande.who_and_what}
        of_day = {"siret": creneau.siret, JOUR: paris_day(now).isoformat()}
        async for place in self._free_places(of_day, per_day):
            try:
                same = await insert_once(
                    self._rendez_vous, {**document, **of_day, PLACE: place}, demande.idempotency, PUBLIC
                )
            except DuplicateKeyError as error:
                if not _is_about_a_place(error):
                    return await self._same_or_refuse(demande)
            else:
                return rendez_vous if same is None else rendez_vous_from_document(same)
        same_request = await self._find_same(demande)
        if same_request is None:
            raise LimitReached(CENTRE, next_day(now))
        return same_request

    async def _free_places(self, of_day: Document, per_day: int) -> AsyncIterator[int]:
        """The free places in random order, so that racing calls differ; read again when all were tried."""
        while True:
            taken = set(await self._rendez_vous.distinct(PLACE, of_day))
            free = list(islice((place for place in range(per_day) if place not in taken), _READ_AT_ONCE))
            if not free:
                return
            for place in random.sample(free, len(free)):
                yield place

    async def _same_or_refuse(self, demande: Demande) -> RendezVous:
        same = await self._find_same(demande)
        if same is not None:
            return same
        # A candidate who asks twice gets that reason, and not that somebody else took the slot.
        if await self._rendez_vous.find_one({ASKED: demande.who_and_what}, {"_id": 1}):
            raise DejaDemande
        raise CreneauPris

    async def _find_same(self, demande: Demande) -> RendezVous | None:
        found = await find_same(self._rendez_vous, demande.idempotency, PUBLIC)
        return None if found is None else rendez_vous_from_document(found)

    async def _forget_old(self, demande: Demande, now: datetime) -> None:
        old = {ASKED: demande.who_and_what, "cree_le": {"$lte": now - ASKED_AGAIN_AFTER}}
        await self._rendez_vous.update_one(old, {"$unset": {ASKED: ""}})

    async def replace_formations(self, siret_by_id: Mapping[str, str]) -> None:
        """Replace all trainings."""
        rows = [{"_id": id_, "siret": siret} for id_, siret in siret_by_id.items()]
        await self._database.replace(self._formations, rows)

    async def replace_fictives(self, regles_by_siret: Mapping[str, Sequence[Regle]]) -> None:
        """Replace all fictitious rules. Rules set by a training centre are kept."""
        rows = [
            {"_id": siret, "regles": regles_to_documents(regles)} for siret, regles in regles_by_siret.items()
        ]
        await self._database.replace(self._disponibilites, rows, {"fictive": True})


def regles_pipeline(formation_ids: Sequence[str]) -> list[Document]:
    """The trainings joined with the rules of their SIRET."""
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
    """The query for appointments at these training centres that end after a time and start before another."""
    # No appointment lasts a day, so the index scan skips those of past years.
    start = {"$gt": after - timedelta(days=1)}
    if before is not None:
        start["$lt"] = before
    statut = Statut.CONFIRME.value
    return {"siret": {"$in": sorted(sirets)}, "statut": statut, "start": start, "end": {"$gt": after}}


def _is_about_a_place(error: DuplicateKeyError) -> bool:
    return PLACE in (error.details or {}).get("keyPattern", {})

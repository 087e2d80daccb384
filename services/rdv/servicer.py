"""The RPCs of `protos/rdv.proto`."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import grpc
from typing_extensions import override

from protos import rdv_pb2, rdv_pb2_grpc
from services.common.caller import caller
from services.common.checks import raise_if_any
from services.common.idempotency import KeyReused
from services.common.share import LimitReached
from services.common.text_fields import normalise_texts
from services.france.clock import Clock, in_words, utc_now
from services.rdv.checks import DEMANDE_TEXTS, creneaux_problems, demande_problems
from services.rdv.convert import (
    creneau_to_proto,
    demande_from_proto,
    formation_to_proto,
    not_before_from_proto,
    rendez_vous_to_proto,
)
from services.rdv.limits import CALLER, CALLER_AT_CENTRE, CANDIDAT, CENTRE, Limits
from services.rdv.rendez_vous import (
    Accueils,
    CreneauIndisponible,
    CreneauPris,
    DejaDemande,
    Demande,
    FormationFermee,
    RendezVous,
    RendezVousRefused,
)
from services.rdv.store import RendezVousStore

if TYPE_CHECKING:
    # Generic in the stubs only.
    _ListContext = grpc.aio.ServicerContext[rdv_pb2.ListCreneauxRequest, rdv_pb2.ListCreneauxResponse]
    _BookContext = grpc.aio.ServicerContext[rdv_pb2.BookRendezVousRequest, rdv_pb2.BookRendezVousResponse]

PROPOSED = 3
"""Number of slots that a refusal proposes."""

_CODES = {
    CreneauPris: rdv_pb2.RENDEZ_VOUS_REFUS_CODE_CRENEAU_PRIS,
    CreneauIndisponible: rdv_pb2.RENDEZ_VOUS_REFUS_CODE_CRENEAU_INDISPONIBLE,
    FormationFermee: rdv_pb2.RENDEZ_VOUS_REFUS_CODE_FORMATION_FERMEE,
    DejaDemande: rdv_pb2.RENDEZ_VOUS_REFUS_CODE_DEJA_DEMANDE,
    KeyReused: rdv_pb2.RENDEZ_VOUS_REFUS_CODE_CLE_DEJA_UTILISEE,
}
_MESSAGES = {
    CreneauPris: "Ce créneau vient d'être pris : choisissez-en un autre.",
    CreneauIndisponible: (
        "Ce créneau n'existe pas, ou il est trop tard pour le réserver : choisissez-en un autre."
    ),
    FormationFermee: "Ce centre de formation ne prend pas de rendez-vous pour cette formation.",
    DejaDemande: "Vous avez déjà demandé un rendez-vous pour cette formation il y a moins de 4 jours.",
    KeyReused: "Cette clé d'idempotence a déjà servi pour un autre rendez-vous : prenez-en une nouvelle.",
}
_LIMITS = {
    CALLER: "Trop de rendez-vous ont été demandés depuis votre connexion",
    CALLER_AT_CENTRE: (
        "Trop de rendez-vous avec ce centre de formation ont été demandés depuis votre connexion"
    ),
    CANDIDAT: "Trop de rendez-vous sont demandés avec ce courriel ou ce numéro de téléphone",
    CENTRE: "Ce centre de formation a reçu toutes les demandes qu'il accepte en un jour",
}


class RdvServicer(rdv_pb2_grpc.RdvServicer):
    """Answers from the store; the clock gives the current time."""

    def __init__(
        self, store: RendezVousStore, lead: timedelta, limits: Limits, clock: Clock = utc_now
    ) -> None:
        self._store = store
        self._lead = lead
        self._limits = limits
        self._clock = clock

    @override
    async def ListCreneaux(
        self, request: rdv_pb2.ListCreneauxRequest, context: _ListContext
    ) -> rdv_pb2.ListCreneauxResponse:
        raise_if_any(creneaux_problems(request))
        not_before = not_before_from_proto(request)
        now = self._clock()
        earliest = now + self._lead
        after = earliest if not_before is None else max(earliest, not_before)
        accueils = await self._store.accueils(request.formation_ids, after)
        # The slots of many trainings take longer to compute than a call may hold the event loop.
        return await asyncio.to_thread(_creneaux_response, request, accueils, after, now)

    @override
    async def BookRendezVous(
        self, request: rdv_pb2.BookRendezVousRequest, context: _BookContext
    ) -> rdv_pb2.BookRendezVousResponse:
        request = normalise_texts(request, DEMANDE_TEXTS)
        raise_if_any(demande_problems(request))
        demande = demande_from_proto(request)
        now = self._clock()
        try:
            rendez_vous = await self._book(demande, now)
        except LimitReached as reached:
            refuse = rdv_pb2.RendezVousRefuse(
                code=rdv_pb2.RENDEZ_VOUS_REFUS_CODE_LIMITE_ATTEINTE, message=_limit_message(reached)
            )
            return rdv_pb2.BookRendezVousResponse(refuse=refuse)
        except (RendezVousRefused, KeyReused) as refused:
            refuse = rdv_pb2.RendezVousRefuse(code=_CODES[type(refused)], message=_MESSAGES[type(refused)])
            if isinstance(refused, CreneauPris | CreneauIndisponible):
                refuse.creneaux.extend(await self._alternatives(demande, now))
            return rdv_pb2.BookRendezVousResponse(refuse=refuse)
        return rdv_pb2.BookRendezVousResponse(rendez_vous=rendez_vous_to_proto(rendez_vous))

    async def _book(self, demande: Demande, now: datetime) -> RendezVous:
        # This comes first: the first call has taken the slot that a repeated call names.
        same = await self._store.find_same(demande)
        if same is not None:
            return same
        accueil = (await self._store.accueils([demande.formation_id], None)).get(demande.formation_id)
        if accueil is None:
            raise FormationFermee
        # Half of the lead is for filling in the form: a slot that was listed can still be booked.
        creneau = accueil.creneau(demande.creneau_id, now + self._lead / 2, now)
        allowance = self._limits.allowance(demande, accueil, caller.get(), now)
        return await self._store.book(demande, creneau, allowance, now)

    async def _alternatives(self, demande: Demande, now: datetime) -> list[rdv_pb2.Creneau]:
        after = now + self._lead
        accueils = await self._store.accueils([demande.formation_id], after)
        accueil = accueils.get(demande.formation_id)
        if accueil is None:
            return []
        found = await asyncio.to_thread(accueil.next_creneaux, PROPOSED, after, now)
        return [creneau_to_proto(creneau) for creneau in found]


def _creneaux_response(
    request: rdv_pb2.ListCreneauxRequest, accueils: Accueils, after: datetime, now: datetime
) -> rdv_pb2.ListCreneauxResponse:
    return rdv_pb2.ListCreneauxResponse(
        formations=[
            formation_to_proto(id_, accueils.get(id_), request.first, after, now)
            for id_ in request.formation_ids
        ]
    )


def _limit_message(reached: LimitReached) -> str:
    free_at = in_words(reached.free_at)
    return f"{_LIMITS[reached.name]}\u00a0: vous pourrez en demander un autre à partir du {free_at}."

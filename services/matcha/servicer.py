"""The RPCs of `protos/matcha.proto`."""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

import grpc
from typing_extensions import override

from protos import matcha_pb2, matcha_pb2_grpc
from services.common.caller import caller
from services.common.checks import raise_if_any
from services.common.cursor import search_digest
from services.common.errors import Forbidden, InvalidRequest, NotFound, Problem
from services.common.idempotency import KeyReused
from services.common.share import LimitReached
from services.common.text_fields import normalise_texts
from services.france.clock import Clock, in_words, paris_day, utc_now
from services.matcha.besoin import Besoin, Depot, Statut, expiry
from services.matcha.checks import DEPOT_TEXTS, depot_problems
from services.matcha.convert import besoin_to_proto, criteria_from_proto, depot_from_proto, row_to_edge
from services.matcha.limits import CALLER, ENTREPRISE, Limits
from services.matcha.rights import Recruteurs
from services.matcha.search import page_of
from services.matcha.store import BesoinStore

if TYPE_CHECKING:
    # Generic in the stubs only.
    _SearchContext = grpc.aio.ServicerContext[
        matcha_pb2.SearchBesoinsRequest, matcha_pb2.SearchBesoinsResponse
    ]
    _GetContext = grpc.aio.ServicerContext[matcha_pb2.GetBesoinRequest, matcha_pb2.GetBesoinResponse]
    _CreateContext = grpc.aio.ServicerContext[matcha_pb2.CreateBesoinRequest, matcha_pb2.CreateBesoinResponse]
_LIMITS = {
    CALLER: "Trop de besoins ont été déposés depuis votre connexion",
    ENTREPRISE: "Trop de besoins ont été déposés depuis votre connexion pour cette entreprise",
}


_MAX_IN_LOOP = 1_000
"""Candidates to put in order on the event loop, in about 3 ms; more of them are ordered in a thread."""


class MatchaServicer(matcha_pb2_grpc.MatchaServicer):
    """Answers from the store; the clock gives the current time."""

    def __init__(
        self, store: BesoinStore, recruteurs: Recruteurs, limits: Limits, clock: Clock = utc_now
    ) -> None:
        self._store = store
        self._recruteurs = recruteurs
        self._limits = limits
        self._clock = clock

    @override
    async def SearchBesoins(
        self, request: matcha_pb2.SearchBesoinsRequest, context: _SearchContext
    ) -> matcha_pb2.SearchBesoinsResponse:
        criteria = criteria_from_proto(request)
        now = self._clock()
        candidates = await self._store.candidates(criteria, now)
        if len(candidates) <= _MAX_IN_LOOP:
            page = page_of(candidates, criteria)
        else:
            page = await asyncio.to_thread(page_of, candidates, criteria)
        besoins = await self._store.besoins([row.id for row in page.rows])
        digest = search_digest(request)
        return matcha_pb2.SearchBesoinsResponse(
            # A need removed between the two queries is left out.
            edges=[
                row_to_edge(besoins[row.id].at(now), row, digest) for row in page.rows if row.id in besoins
            ],
            total_count=page.total_count,
            has_next_page=page.has_next_page,
        )

    @override
    async def GetBesoin(
        self, request: matcha_pb2.GetBesoinRequest, context: _GetContext
    ) -> matcha_pb2.GetBesoinResponse:
        if not request.id:
            raise InvalidRequest([Problem("id", "obligatoire")])
        besoin = (await self._store.besoins([request.id])).get(request.id)
        if besoin is None or not besoin.public:
            raise NotFound(f"aucun besoin {request.id}")
        return matcha_pb2.GetBesoinResponse(besoin=besoin_to_proto(besoin.at(self._clock())))

    @override
    async def CreateBesoin(
        self, request: matcha_pb2.CreateBesoinRequest, context: _CreateContext
    ) -> matcha_pb2.CreateBesoinResponse:
        # The token is checked first, so that a caller with a bad token learns nothing else.
        own_siret = self._recruteurs.siret_of(context.invocation_metadata() or ())
        now = self._clock()
        request = normalise_texts(request, DEPOT_TEXTS)
        raise_if_any(depot_problems(request, paris_day(now)))
        depot = depot_from_proto(request)
        if own_siret not in (None, request.siret):
            raise Forbidden(f"ce jeton ne permet pas de déposer un besoin pour le SIRET {request.siret}")
        statut = Statut.EN_ATTENTE if own_siret is None else Statut.ACTIF
        besoin = await self._besoin(depot, statut, now)
        try:
            shares = self._limits.shares(request.siret, caller.get())
            created = await self._store.create(besoin, depot, shares)
        except LimitReached as reached:
            return _refuse(matcha_pb2.BESOIN_REFUS_CODE_LIMITE_ATTEINTE, _limit_message(reached))
        except KeyReused:
            return _refuse(
                matcha_pb2.BESOIN_REFUS_CODE_CLE_DEJA_UTILISEE,
                "Cette clé d'idempotence a déjà servi pour un autre besoin : prenez-en une nouvelle.",
            )
        return matcha_pb2.CreateBesoinResponse(besoin=besoin_to_proto(created.at(now)))

    async def _besoin(self, depot: Depot, statut: Statut, now: datetime) -> Besoin:
        return Besoin(
            id=uuid.uuid4().hex,
            annonce=depot.annonce,
            cree_le=now,
            expire_le=expiry(now),
            statut=statut,
            opco=None if depot.idcc is None else await self._store.opco_of(depot.idcc),
        )


def _refuse(code: matcha_pb2.BesoinRefusCode.ValueType, message: str) -> matcha_pb2.CreateBesoinResponse:
    return matcha_pb2.CreateBesoinResponse(refuse=matcha_pb2.BesoinRefuse(code=code, message=message))


def _limit_message(reached: LimitReached) -> str:
    free_at = in_words(reached.free_at)
    return (
        f"{_LIMITS[reached.name]}\u00a0: vous pourrez en déposer un autre à partir du {free_at}, "
        "ou dès maintenant avec le lien de connexion d'un recruteur."
    )

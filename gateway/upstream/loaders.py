"""The data loaders: they batch the calls that many rows of one answer need."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from strawberry.dataloader import DataLoader

from gateway.upstream.clients import Clients
from protos import catalogue_pb2, prediction_pb2, rdv_pb2
from protos.services import CATALOGUE, PREDICTION, RDV
from services.common.errors import ServiceError

PREFETCHED_CRENEAUX = 5
"""Slots fetched with each training. A field that asks for more costs one more call for the whole page."""

K = TypeVar("K")
V = TypeVar("V")

MAX_BATCH = 100
"""Most ids that the services accept in one call."""


class Loaders:
    """The loaders of one request; they keep what they loaded until its end."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._creneaux: dict[int, DataLoader[str, rdv_pb2.FormationCreneaux]] = {}
        self._explications: dict[str, DataLoader[str, prediction_pb2.Explication | None]] = {}
        self.formations: DataLoader[str, catalogue_pb2.Formation | None] = _loader(self._load_formations)
        self.romes: DataLoader[str, catalogue_pb2.Rome | None] = _loader(self._load_romes)
        self.communes: DataLoader[str, catalogue_pb2.Commune | None] = _loader(self._load_communes)

    def creneaux(self, first: int) -> DataLoader[str, rdv_pb2.FormationCreneaux]:
        """Loads the next `first` free slots by formation id."""
        if first not in self._creneaux:

            async def load(formation_ids: list[str]) -> list[rdv_pb2.FormationCreneaux]:
                return await self._load_creneaux(formation_ids, first)

            self._creneaux[first] = _loader(load)
        return self._creneaux[first]

    async def prefetch_creneaux(self, formation_ids: Iterable[str]) -> None:
        """Load the slots of a page of trainings before its rows ask for them.

        A row whose slots are loaded needs no await, and costs a third of a row that does. Raises the
        ServiceError that each of the rows will raise.
        """
        loader = self.creneaux(PREFETCHED_CRENEAUX)
        found = await asyncio.gather(*map(loader.load, formation_ids), return_exceptions=True)
        for failure in found:
            if isinstance(failure, BaseException):
                raise failure

    def few_creneaux(
        self, formation_id: str
    ) -> rdv_pb2.FormationCreneaux | Awaitable[rdv_pb2.FormationCreneaux]:
        """The next PREFETCHED_CRENEAUX slots; not an awaitable if they were prefetched."""
        found = asyncio.ensure_future(self.creneaux(PREFETCHED_CRENEAUX).load(formation_id))
        return found.result() if found.done() else found

    def explications(self, rome: str) -> DataLoader[str, prediction_pb2.Explication | None]:
        """Loads the explanations of scores for a job by SIRET."""
        if rome not in self._explications:

            async def load(sirets: list[str]) -> list[prediction_pb2.Explication | None]:
                return await self._load_explications(sirets, rome)

            self._explications[rome] = _loader(load)
        return self._explications[rome]

    async def _load_formations(self, ids: list[str]) -> list[catalogue_pb2.Formation | None]:
        catalogue = self._clients[CATALOGUE]
        request = catalogue_pb2.GetFormationsRequest(ids=ids)
        answer = await catalogue.read(catalogue.stub.GetFormations, request)
        by_id = {formation.id: formation for formation in answer.formations}
        return [by_id.get(id_) for id_ in ids]

    async def _load_romes(self, codes: list[str]) -> list[catalogue_pb2.Rome | None]:
        catalogue = self._clients[CATALOGUE]
        answer = await catalogue.read(catalogue.stub.GetRomes, catalogue_pb2.GetRomesRequest(codes=codes))
        by_code = {rome.code: rome for rome in answer.romes}
        return [by_code.get(code) for code in codes]

    async def _load_communes(self, codes: list[str]) -> list[catalogue_pb2.Commune | None]:
        catalogue = self._clients[CATALOGUE]
        request = catalogue_pb2.GetCommunesRequest(insees=codes)
        answer = await catalogue.read(catalogue.stub.GetCommunes, request)
        # A commune asked for by a former code is returned with its current code.
        found = iter(answer.communes)
        return [None if code in answer.missing else next(found, None) for code in codes]

    async def _load_explications(
        self, sirets: list[str], rome: str
    ) -> list[prediction_pb2.Explication | None]:
        prediction = self._clients[PREDICTION]
        request = prediction_pb2.ExplainRecruteursRequest(sirets=sirets, rome=rome)
        answer = await prediction.read(prediction.stub.ExplainRecruteurs, request)
        by_siret = {explication.siret: explication for explication in answer.explications}
        return [by_siret.get(siret) for siret in sirets]

    async def _load_creneaux(self, formation_ids: list[str], first: int) -> list[rdv_pb2.FormationCreneaux]:
        rdv = self._clients[RDV]
        request = rdv_pb2.ListCreneauxRequest(formation_ids=formation_ids, first=first)
        answer = await rdv.read(rdv.stub.ListCreneaux, request)
        by_id = {row.formation_id: row for row in answer.formations}
        closed = rdv_pb2.FormationCreneaux
        return [by_id.get(id_) or closed(formation_id=id_) for id_ in formation_ids]


def _loader(load: Callable[[list[K]], Awaitable[list[V]]]) -> DataLoader[K, V]:
    async def load_or_fail_each(keys: list[K]) -> list[V | BaseException]:
        # With one exception for each key, each row gets an error with its own path.
        try:
            return list(await load(keys))
        except ServiceError as error:
            return [error] * len(keys)

    return DataLoader(load_fn=load_or_fail_each, max_batch_size=MAX_BATCH)

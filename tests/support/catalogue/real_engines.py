"""The catalogue service on one engine with all the real trainings."""

from __future__ import annotations

from datetime import date

from protos import catalogue_pb2
from services.catalogue.importing.destination import Edition
from services.catalogue.live import Catalogue, FormationStore, LiveCatalogue
from services.catalogue.servicer import CatalogueServicer

Request = catalogue_pb2.SearchFormationsRequest
Response = catalogue_pb2.SearchFormationsResponse


class Engine:
    """A store with all trainings, and the service over it."""

    def __init__(self, store: FormationStore, edition: Edition, today: date) -> None:
        self.store = store
        self._servicer = CatalogueServicer(
            LiveCatalogue(_FixedSource(Catalogue(store, edition.tables))), lambda: today
        )

    async def search(self, request: Request) -> Response:
        return await self._servicer.SearchFormations(request, None)

    async def suggest(self, texte: str, first: int) -> list[catalogue_pb2.Metier]:
        request = catalogue_pb2.SuggestMetiersRequest(texte=texte, first=first)
        return list((await self._servicer.SuggestMetiers(request, None)).metiers)


class _FixedSource:
    """A source with one generation."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def current_name(self) -> str:
        return "only"

    async def open(self, name: str) -> Catalogue:  # noqa: ARG002 - the signature of a source
        return self._catalogue

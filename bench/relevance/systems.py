"""The search of this project on one engine, called as the gateway calls it."""

from __future__ import annotations

from bench.relevance.baseline import Suggestion
from bench.support.engine import TODAY
from protos import catalogue_pb2
from services.catalogue.live import LiveCatalogue
from services.catalogue.servicer import CatalogueServicer

RAYON_KM = 30.0
DEPTH = 10


class ThisProject:
    """Calls the methods of the service with its own messages."""

    def __init__(self, live: LiveCatalogue) -> None:
        self._servicer = CatalogueServicer(live, today=lambda: TODAY)

    async def metiers(self, texte: str) -> list[Suggestion]:
        request = catalogue_pb2.SuggestMetiersRequest(texte=texte, first=DEPTH)
        answer = await self._servicer.SuggestMetiers(request, None)
        return [_suggestion(each) for each in answer.metiers]

    async def formations(self, texte: str, insee: str) -> list[str]:
        """The ids of the trainings within 30 km of the commune, or in the whole of France without one."""
        request = catalogue_pb2.SearchFormationsRequest(texte=texte, first=DEPTH)
        if insee:
            around = catalogue_pb2.ResolveZoneRequest.AroundCommune(insee=insee, rayon_km=RAYON_KM)
            zone = await self._servicer.ResolveZone(catalogue_pb2.ResolveZoneRequest(commune=around), None)
            request.zone.CopyFrom(zone.zone)
        answer = await self._servicer.SearchFormations(request, None)
        return [edge.node.id for edge in answer.edges]


def _suggestion(metier: catalogue_pb2.Metier) -> Suggestion:
    return Suggestion(metier.libelle, tuple(rome.code for rome in metier.romes))

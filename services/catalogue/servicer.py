"""The RPCs of `protos/catalogue.proto`."""

# ruff: noqa: ARG002, N802 - names and signatures are those of the contract.

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from protos import catalogue_pb2, catalogue_pb2_grpc
from services.catalogue.checks import batch_problems, suggestion_problems
from services.catalogue.convert import (
    commune_to_proto,
    etablissement_to_proto,
    facets_to_proto,
    formation_to_proto,
    found_to_edge,
    found_to_proche,
    metier_proche_to_proto,
    metier_to_proto,
    named_zone_to_proto,
    place_from_proto,
    rome_to_proto,
)
from services.catalogue.criteria import TextQuery
from services.catalogue.formation_search import FormationSearch
from services.catalogue.live import LiveCatalogue
from services.catalogue.mobilite import metiers_proches
from services.catalogue.search import search_formations
from services.catalogue.text.analyser import Analyser
from services.catalogue.text.query import expand
from services.catalogue.text.synonyms import read_synonyms
from services.catalogue.text.vocabulary import Vocabulary
from services.common.checks import raise_if_any
from services.france.clock import today_in_paris


class CatalogueServicer(catalogue_pb2_grpc.CatalogueServicer):
    """Answers from the current generation of the data; `today` decides which sessions are past."""

    def __init__(self, catalogue: LiveCatalogue, today: Callable[[], date] = today_in_paris) -> None:
        self._catalogue = catalogue
        self._today = today
        self._analyser = Analyser()
        self._synonyms = read_synonyms(self._analyser)

    async def SearchFormations(
        self, request: catalogue_pb2.SearchFormationsRequest, context: object
    ) -> catalogue_pb2.SearchFormationsResponse:
        """Trainings that meet every criterion, in the requested order."""
        catalogue = await self._catalogue.current()
        today = self._today()
        search = FormationSearch(
            request, catalogue.romes, today, lambda texte: self._expand(texte, catalogue.vocabulary)
        )
        criteria, page = await search_formations(catalogue.formations, search.criteria, search.page)
        proches = await metiers_proches(
            catalogue.formations, criteria, page.total, catalogue.romes, catalogue.mobilite
        )
        labelled = catalogue.romes if request.with_metiers else {}
        return catalogue_pb2.SearchFormationsResponse(
            edges=[found_to_edge(row, today, labelled, search.cursor(row.position)) for row in page.rows],
            total_count=page.total,
            has_next_page=page.has_next,
            facets=None if page.facets is None else facets_to_proto(page.facets),
            plus_proches=[found_to_proche(row, today, labelled) for row in page.plus_proches],
            metiers_proches=map(metier_proche_to_proto, proches),
        )

    def _expand(self, texte: str, vocabulary: Vocabulary) -> TextQuery | None:
        return expand(texte, self._analyser, vocabulary, self._synonyms)

    async def GetFormations(
        self, request: catalogue_pb2.GetFormationsRequest, context: object
    ) -> catalogue_pb2.GetFormationsResponse:
        """Trainings by id."""
        raise_if_any(batch_problems("ids", request.ids))
        catalogue = await self._catalogue.current()
        found = await catalogue.formations.by_ids(request.ids)
        today, romes = self._today(), catalogue.romes
        return catalogue_pb2.GetFormationsResponse(
            formations=[
                formation_to_proto(found[each], today, romes) for each in request.ids if each in found
            ],
            missing=[each for each in request.ids if each not in found],
        )

    async def GetEtablissements(
        self, request: catalogue_pb2.GetEtablissementsRequest, context: object
    ) -> catalogue_pb2.GetEtablissementsResponse:
        """Training organisations by SIRET."""
        raise_if_any(batch_problems("sirets", request.sirets))
        known = (await self._catalogue.current()).etablissements
        return catalogue_pb2.GetEtablissementsResponse(
            etablissements=[etablissement_to_proto(known[each]) for each in request.sirets if each in known],
            missing=[each for each in request.sirets if each not in known],
        )

    async def SuggestMetiers(
        self, request: catalogue_pb2.SuggestMetiersRequest, context: object
    ) -> catalogue_pb2.SuggestMetiersResponse:
        """Jobs whose name looks like what was typed."""
        raise_if_any(suggestion_problems(request))
        catalogue = await self._catalogue.current()
        found = catalogue.suggested_metiers.suggest(request.texte, request.first)
        return catalogue_pb2.SuggestMetiersResponse(metiers=map(metier_to_proto, found))

    async def SuggestCommunes(
        self, request: catalogue_pb2.SuggestCommunesRequest, context: object
    ) -> catalogue_pb2.SuggestCommunesResponse:
        """Communes whose name or postal code starts like what was typed."""
        raise_if_any(suggestion_problems(request))
        catalogue = await self._catalogue.current()
        found = catalogue.suggested_communes.suggest(request.texte, request.first)
        return catalogue_pb2.SuggestCommunesResponse(communes=map(commune_to_proto, found))

    async def ResolveZone(
        self, request: catalogue_pb2.ResolveZoneRequest, context: object
    ) -> catalogue_pb2.ResolveZoneResponse:
        """The zone that a person named."""
        catalogue = await self._catalogue.current()
        return named_zone_to_proto(catalogue.zones.resolve(place_from_proto(request)))

    async def GetRomes(
        self, request: catalogue_pb2.GetRomesRequest, context: object
    ) -> catalogue_pb2.GetRomesResponse:
        """Job codes with their labels."""
        known = (await self._catalogue.current()).romes
        codes = request.codes or sorted(known)
        return catalogue_pb2.GetRomesResponse(
            romes=[rome_to_proto(known[code]) for code in codes if code in known],
            missing=[code for code in codes if code not in known],
        )

    async def GetCommunes(
        self, request: catalogue_pb2.GetCommunesRequest, context: object
    ) -> catalogue_pb2.GetCommunesResponse:
        """Communes by code; a former code gives the current commune."""
        raise_if_any(batch_problems("insees", request.insees))
        communes = (await self._catalogue.current()).communes
        found = {insee: communes.get(insee) for insee in request.insees}
        return catalogue_pb2.GetCommunesResponse(
            communes=[commune_to_proto(commune) for each in request.insees if (commune := found[each])],
            missing=[each for each in request.insees if found[each] is None],
        )

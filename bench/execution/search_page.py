"""Queries of the search on the gateway's own schema, over the recorded bytes of the services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import SimpleNamespace
from typing import Any

import orjson
from google.protobuf.message import Message

from bench.typical import answers
from gateway.context import Context
from gateway.execution.lazy import lazy_reader
from gateway.schema import build_schema
from gateway.upstream.clients import Clients
from gateway.upstream.loaders import Loaders
from gateway.upstream.referentiel import Referentiel
from protos import (
    catalogue_pb2,
    diplome_pb2,
    geo_pb2,
    jobs_pb2,
    matcha_pb2,
    rdv_pb2,
)
from protos.services import CATALOGUE, JOBS, MATCHA, PREDICTION, RDV

FORMATIONS, BESOINS, OFFRES, RECRUTEURS = 20, 5, 15, 40

RELAY_QUERY = """\
query Relay {
  search(criteria: {romes: ["D1102"], niveau: NIVEAU_3,
                    zone: {around: {latitude: 48.8566, longitude: 2.3522, rayonKm: 30}}}) {
    formations(first: 20) { pageInfo { ...P } edges { cursor distanceKm node { __typename id intitule niveau
      etablissement { __typename id siret raisonSociale commune } } } }
    recruteurs(first: 40) { pageInfo { ...P } edges { cursor distanceKm score romes node { __typename id siret
      raisonSociale enseigne naf { code libelle } } } }
    offres(first: 15) { pageInfo { ...P } edges { cursor distanceKm node { __typename id intitule } } }
    employeurs(first: 30) { pageInfo { ...P } edges { cursor distanceKm score node { __typename id } } }
    sources { name status elapsedMs message }
  }
}
fragment P on PageInfo { startCursor endCursor hasNextPage hasPreviousPage }
"""
"""A query as relay-compiler prints it: a cursor for each edge, `__typename` and `id` for each object."""


class RecordedClient:
    """Stands for a ServiceClient: `read` parses the recorded bytes of a method, as the gateway would."""

    def __init__(self, recordings: Mapping[str, Message], *, lazy: bool) -> None:
        self.stub = SimpleNamespace(**{method: method for method in recordings})
        self._recordings = {
            method: (_reader(type(answer), lazy=lazy), answer.SerializeToString())
            for method, answer in recordings.items()
        }

    async def read(self, method: str, _request: Message) -> Message:
        read, data = self._recordings[method]
        return read(data)


def _reader(answer: type[Message], *, lazy: bool) -> Callable[[bytes], Message]:
    return (lazy_reader(answer) if lazy else None) or answer.FromString


def answered(query: str, *, plans: bool, lazy: bool) -> Callable[[], Awaitable[bytes]]:
    """A function that answers a query once; `lazy` leaves the rows of the services unparsed."""
    schema, clients = build_schema(plans=plans), _clients(lazy=lazy)
    referentiel = Referentiel(clients)

    async def once() -> bytes:
        context = Context(clients, referentiel, Loaders(clients))
        result = await schema.execute(query, context_value=context)
        if result.errors or result.data is None:
            raise RuntimeError(f"the query failed: {result.errors}")
        # The elapsed times differ between executions.
        for source in result.data["search"]["sources"]:
            source["elapsedMs"] = 0
        return orjson.dumps({"data": result.data})

    return once


def _clients(*, lazy: bool) -> Clients:
    def client(**recordings: Message) -> Any:
        return RecordedClient(recordings, lazy=lazy)

    formations = answers.formations()
    del formations.edges[FORMATIONS:]
    recruteurs = answers.recruteurs()
    del recruteurs.edges[RECRUTEURS:]
    return Clients(
        {
            CATALOGUE.name: client(
                SearchFormations=formations,
                GetRomes=catalogue_pb2.GetRomesResponse(
                    romes=[catalogue_pb2.Rome(code="D1102", libelle="Boulangerie")]
                ),
                ResolveZone=catalogue_pb2.ResolveZoneResponse(zone=geo_pb2.Zone(rayon_km=30)),
            ),
            JOBS.name: client(SearchOffres=_offres()),
            PREDICTION.name: client(SearchRecruteurs=recruteurs),
            MATCHA.name: client(SearchBesoins=_besoins()),
            RDV.name: client(ListCreneaux=_creneaux([edge.node.id for edge in formations.edges])),
        }
    )


def _offres() -> jobs_pb2.SearchOffresResponse:
    return jobs_pb2.SearchOffresResponse(
        edges=[
            jobs_pb2.OffreEdge(
                cursor=f"o{row}",
                node=jobs_pb2.Offre(
                    id=f"17{row:05}",
                    intitule="Apprenti boulanger / Apprentie boulangère (H/F)",
                    rome="D1102",
                    entreprise=jobs_pb2.EntrepriseOffre(nom=f"LE FOURNIL N° {row}"),
                    contrat=jobs_pb2.ContratOffre(type=jobs_pb2.CONTRAT_TYPE_APPRENTISSAGE),
                    lieu=geo_pb2.Lieu(commune="Paris", insee="75113"),
                    publiee_le="2026-11-20T08:30:00Z",
                ),
                distance_km=row * 1.1,
            )
            for row in range(OFFRES)
        ],
        total_count=OFFRES,
    )


def _besoins() -> matcha_pb2.SearchBesoinsResponse:
    return matcha_pb2.SearchBesoinsResponse(
        edges=[
            matcha_pb2.BesoinEdge(
                cursor=f"b{row}",
                node=matcha_pb2.BesoinMatcha(
                    id=f"b{row}",
                    intitule="Apprenti boulanger",
                    romes=["D1102"],
                    niveau=diplome_pb2.NIVEAU_3,
                    opco="OPCO EP",
                    entreprise=matcha_pb2.EntrepriseBesoin(
                        siret=f"{51_212_345_600_000 + row}", raison_sociale=f"PAINS ET DOUCEURS {row}"
                    ),
                    lieu=geo_pb2.Lieu(commune="Paris", insee="75113"),
                    contrats=[matcha_pb2.BESOIN_CONTRAT_APPRENTISSAGE],
                    cree_le="2026-11-02T10:00:00Z",
                    expire_le="2026-12-02T10:00:00Z",
                ),
                distance_km=row * 0.9,
            )
            for row in range(BESOINS)
        ],
        total_count=BESOINS,
    )


def _creneaux(formation_ids: list[str]) -> rdv_pb2.ListCreneauxResponse:
    return rdv_pb2.ListCreneauxResponse(
        formations=[
            rdv_pb2.FormationCreneaux(
                formation_id=id_,
                open=row % 3 > 0,
                creneaux=[
                    rdv_pb2.Creneau(
                        id=f"{id_}/{hour}",
                        start=f"2026-12-01T{hour:02}:00:00+01:00",
                        end=f"2026-12-01T{hour:02}:30:00+01:00",
                    )
                    for hour in range(9, 14)
                ]
                * (row % 3 > 0),
            )
            for row, id_ in enumerate(formation_ids)
        ]
    )

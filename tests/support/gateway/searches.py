"""A search, and answers of the catalogue, as several tests need them."""

from __future__ import annotations

from typing import Any

from protos import catalogue_pb2, diplome_pb2, geo_pb2

PARIS = {"around": {"latitude": 48.8566, "longitude": 2.3522, "rayonKm": 30}}

SEARCH = """
query Recherche($romes: [String!], $lieu: ZoneInput, $first: Int = 20, $after: String) {
  search(criteria: {romes: $romes, zone: $lieu}) {
    formations(first: $first, after: $after) {
      totalCount
      edges { cursor distanceKm node { id intitule niveau sessions lieu { point { latitude } }
        etablissement { siret raisonSociale commune }
        rendezVous { open nextCreneaux(first: 2) { id start } } } }
      pageInfo { endCursor hasNextPage hasPreviousPage }
      facets { niveaux { value count } }
      message
    }
    employeurs { edges { source distanceKm score romes raisons { libelle }
      aussiDans { __typename } node { __typename
      ... on Offre { id intitule entreprise { nom } contrat { type } }
      ... on BesoinMatcha { id intitule opco contrats }
      ... on RecruteurProbable { siret } } } }
    sources { name status message }
  }
}
"""


def formation(id_: str, **more: Any) -> catalogue_pb2.Formation:
    return catalogue_pb2.Formation(
        id=id_,
        intitule="CAP BOULANGER",
        niveau=diplome_pb2.NIVEAU_3,
        etablissement=catalogue_pb2.Etablissement(
            siret="13000285000019", raison_sociale="CFA", commune="Paris"
        ),
        lieu=geo_pb2.Lieu(commune="Paris"),
        sessions=["2027-09"],
        **more,
    )


def page(*ids: str, **more: Any) -> catalogue_pb2.SearchFormationsResponse:
    edges = [
        catalogue_pb2.FormationEdge(cursor=f"c{id_}", node=formation(id_), distance_km=1.25) for id_ in ids
    ]
    return catalogue_pb2.SearchFormationsResponse(edges=edges, total_count=len(ids), **more)

"""Many different searches, as many people would make them."""

from __future__ import annotations

from itertools import product
from typing import Any

SEARCH = """query Recherche($romes: [String!]!, $lieu: ZoneInput!) {
  search(criteria: {romes: $romes, zone: $lieu}) {
    formations(first: 20) { totalCount edges { distanceKm node { id intitule niveau
        etablissement { raisonSociale commune } rendezVous { open nextCreneaux(first: 3) { id start } } } }
      pageInfo { endCursor hasNextPage } }
    employeurs(first: 30) { totalCount edges { distanceKm score node { __typename
        ... on Offre { id intitule entreprise { nom } } ... on BesoinMatcha { id intitule opco }
        ... on RecruteurProbable { siret raisonSociale } } } }
    sources { name status }
  }
}"""

_ROMES = (
    *("D1102", "G1602", "D1106", "M1203", "I1604", "F1603", "D1202", "J1501", "K1304", "N1103"),
    *("M1607", "F1703", "A1203", "H2902", "G1803", "E1205", "D1507", "F1602", "I1308", "K1303"),
)
_CITIES = (
    *((48.8566, 2.3522), (45.7640, 4.8357), (43.2965, 5.3698), (43.6045, 1.4442), (47.2184, -1.5536)),
    *((48.5734, 7.7521), (44.8378, -0.5792), (50.6292, 3.0573), (48.1173, -1.6778), (43.6108, 3.8767)),
)


def different_searches() -> list[dict[str, Any]]:
    """200 requests for the search page, no two for the same job and place."""
    return [
        {
            "query": SEARCH,
            "variables": {
                "romes": [rome],
                "lieu": {"around": {"latitude": latitude, "longitude": longitude, "rayonKm": 30}},
            },
        }
        for rome, (latitude, longitude) in product(_ROMES, _CITIES)
    ]

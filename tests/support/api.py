"""How the end-to-end tests speak to a gateway: over HTTP, as its users do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

PARIS_30_KM = {"around": {"latitude": 48.8566, "longitude": 2.3522, "rayonKm": 30}}

SEARCH = """
query Recherche($romes: [String!]!, $lieu: ZoneInput!, $niveau: Niveau) {
  search(criteria: { romes: $romes, zone: $lieu, niveau: $niveau }) {
    formations(first: 20) { totalCount  edges { distanceKm node { id intitule niveau
        etablissement { siret raisonSociale commune }
        rendezVous { open  nextCreneaux(first: 3) { id start end } } } }
      pageInfo { endCursor hasNextPage }  facets { niveaux { value count } } }
    employeurs(first: 100) { edges { distanceKm score raisons { libelle poids } node { __typename
        ... on Offre { id intitule entreprise { nom } contrat { type } publieeLe }
        ... on BesoinMatcha { id intitule opco expireLe }
        ... on RecruteurProbable { siret raisonSociale } } } }
    sources { name status elapsedMs message }
  }
}
"""
"""The query that everything serves."""


class Api:
    """A gateway."""

    def __init__(self, session: aiohttp.ClientSession, base: str, *, internal: str = "") -> None:
        """`internal` is the base of the port that operators read."""
        self._session = session
        self.base = base
        self._internal = internal

    async def post(
        self, query: str, headers: dict[str, str] | None = None, **variables: Any
    ) -> dict[str, Any]:
        """The JSON of an answer whose status must be 200."""
        body = {"query": query, "variables": variables}
        async with self._session.post(f"{self.base}/graphql", json=body, headers=headers) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status == 200, answer
            return answer

    async def data(
        self, query: str, headers: dict[str, str] | None = None, **variables: Any
    ) -> dict[str, Any]:
        """The data of an answer without any error."""
        answer = await self.post(query, headers, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def send(
        self,
        body: Any,
        *,
        method: str = "POST",
        path: str = "/graphql",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, str]:
        """The status and the text of any answer; a body that is not bytes is sent as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"content-type": "application/json", **(headers or {})}
        async with self._session.request(
            method, f"{self.base}{path}", data=content, headers=sent, allow_redirects=False
        ) as response:
            return response.status, await response.text(errors="replace")

    async def get(self, path: str) -> tuple[int, str]:
        async with self._session.get(f"{self.base}{path}") as response:
            return response.status, await response.text()

    async def inspect(self, path: str) -> tuple[int, str]:
        """The same on the internal port."""
        async with self._session.get(f"{self._internal}{path}") as response:
            return response.status, await response.text()

    async def until_ready(self, running: Callable[[], bool]) -> None:
        """Raises TimeoutError after a minute, or once it runs no more."""
        async with asyncio.timeout(60):
            while True:
                if not running():
                    raise TimeoutError
                try:
                    if (await self.get("/ready"))[0] == 200:
                        return
                except aiohttp.ClientConnectionError:
                    pass
                await asyncio.sleep(0.05)


def states(answer: dict[str, Any]) -> dict[str, str]:
    """The status of each source of a search."""
    return {row["name"]: row["status"] for row in answer["data"]["search"]["sources"]}

"""A partner of our own on a real port, and the few places and offers that the tests are about."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import HttpUrl, SecretStr

from deploy.sandbox.faults import Faults
from deploy.sandbox.offres import OffreSimulee, OffresSimulees
from deploy.sandbox.server import API_PATH, TOKEN_PATH, Sandbox, running_sandbox
from deploy.sandbox.settings import Settings as SandboxSettings
from services.jobs.settings import Settings
from tests.support.france.communes import commune_row, table_of

COMMUNES = table_of(
    [
        commune_row("75056", "Paris", "", 2_103_778, (48.86, 2.34445)),
        commune_row("75101", "Paris 1er Arrondissement", "", 15_114, (48.862, 2.33594), parent="75056"),
        commune_row("75111", "Paris 11e Arrondissement", "", 139_976, (48.85957, 2.37999), parent="75056"),
        commune_row("75116", "Paris 16e Arrondissement", "", 160_000, (48.8604, 2.262), parent="75056"),
        commune_row("93066", "Saint-Denis", "", 149_077, (48.92986, 2.36168)),
        commune_row("78646", "Versailles", "", 83_918, (48.80393, 2.12002)),
        commune_row("69123", "Lyon", "", 519_127, (45.7589, 4.84139)),
        commune_row("69381", "Lyon 1er Arrondissement", "", 28_000, (45.7698, 4.8298), parent="69123"),
        commune_row("69388", "Lyon 8e Arrondissement", "", 86_000, (45.7342, 4.8687), parent="69123"),
        commune_row("69389", "Lyon 9e Arrondissement", "", 52_000, (45.7797, 4.7985), parent="69123"),
        commune_row("69256", "Vaulx-en-Velin", "", 51_000, (45.7787, 4.9228)),
        commune_row("13055", "Marseille", "", 886_040, (43.2967, 5.37639)),
        commune_row("13201", "Marseille 1er Arrondissement", "", 37_599, (43.30018, 5.38276), parent="13055"),
        commune_row("46042", "Cahors", "", 20_050, (44.45651, 1.43901)),
        commune_row("46102", "Figeac", "", 9_732, (44.6103, 2.0248)),
        commune_row("46251", "Saint-Céré", "", 3_405, (44.8576, 1.8917)),
        commune_row("2A004", "Ajaccio", "", 76_320, (41.92274, 8.70583), former="20004"),
        commune_row("97411", "Saint-Denis", "", 155_634, (-20.94342, 55.4444)),
        commune_row("98735", "Papeete", "98714", 26_000, None),
    ]
)

_LABELS = {"E2": "Contrat apprentissage", "FS": "Cont. professionnalisation"}
_NIVEAUX = {"NV5": "CAP, BEP et équivalents", "NV4": "Bac ou équivalent", "NV3": "Bac+2 ou équivalents"}


def offre_simulee(  # noqa: PLR0913 - a test says what matters to it, by name
    number: int,
    insee: str = "75101",
    *,
    rome: str = "D1102",
    nature: str = "E2",
    niveau: str | None = None,
    lieu: dict[str, Any] | None = None,
    phase_s: int | None = None,
    **payload: Any,
) -> OffreSimulee:
    """An offer at the centre of a commune, or in `lieu` as the payload has it."""
    commune = COMMUNES.get(insee)
    assert commune is not None
    assert commune.point is not None
    placed = {
        "libelle": f"{commune.departement} - {commune.nom.upper()}",
        "latitude": commune.point.latitude,
        "longitude": commune.point.longitude,
        "commune": commune.insee,
    }
    content: dict[str, Any] = {
        "id": f"SIM{number:05d}",
        "intitule": f"Boulanger / Boulangère {number}",
        "description": "Une offre.",
        "lieuTravail": placed if lieu is None else lieu,
        "romeCode": rome,
        "romeLibelle": "Boulangerie - viennoiserie",
        "typeContrat": "CDD",
        "natureContrat": _LABELS[nature],
        "codeNAF": "10.71C",
        "origineOffre": {"origine": "2", "partenaires": [{"nom": "SIMULATION"}]},
    }
    if niveau:
        content["formations"] = [{"niveauLibelle": _NIVEAUX[niveau], "exigence": "E"}]
    return OffreSimulee(
        payload=content | payload,
        commune=insee,
        nature=nature,
        niveau=niveau,
        phase_s=number * 3_600 if phase_s is None else phase_s,
        update_s=0,
    )


@dataclass(frozen=True)
class Partner:
    """A sandbox that is listening, and the settings of a service that talks to it."""

    sandbox: Sandbox
    url: str
    settings: Settings

    def set_faults(self, **faults: Any) -> None:
        self.sandbox.faults.set(Faults(**faults))


@asynccontextmanager
async def running_partner(
    offres: Sequence[OffreSimulee],
    service: dict[str, Any] | None = None,
    token_lifetime_s: int = 1499,
    requests_per_s: int = 1_000,
) -> AsyncIterator[Partner]:
    """The partner with these offers; `service` are settings of the service other than the usual."""
    settings = SandboxSettings(
        port=0,
        state=Path(),
        client_id="lba",
        client_secret=SecretStr("secret"),
        token_lifetime_s=token_lifetime_s,
        requests_per_s=requests_per_s,
    )
    sandbox = Sandbox(OffresSimulees(offres, COMMUNES), settings)
    async with running_sandbox(sandbox) as port:
        url = f"http://127.0.0.1:{port}"
        yield Partner(sandbox, url, service_settings(url, **(service or {})))


def service_settings(url: str, **others: Any) -> Settings:
    usual: dict[str, Any] = {
        "port": 0,
        "state": Path(),
        "partner_url": HttpUrl(url + API_PATH),
        "token_url": HttpUrl(f"{url}{TOKEN_PATH}?realm=%2Fpartenaire"),
        "client_id": "lba",
        "client_secret": SecretStr("secret"),
        "requests_per_s": 1_000,
    }
    return Settings(**(usual | others))


def in_seconds(seconds: float) -> float:
    """A time of the event loop."""
    return asyncio.get_running_loop().time() + seconds

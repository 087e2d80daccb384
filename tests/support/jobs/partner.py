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
from services.france.communes import Commune, Communes
from services.france.geo import Point
from services.jobs.settings import Settings

COMMUNES = Communes(
    [
        Commune("75056", "Paris", "75", Point(48.86, 2.34445), 2_103_778, "11"),
        Commune("75101", "Paris 1er Arrondissement", "75", Point(48.862, 2.33594), 15_114, "11"),
        Commune("75111", "Paris 11e Arrondissement", "75", Point(48.85957, 2.37999), 139_976, "11"),
        Commune("75116", "Paris 16e Arrondissement", "75", Point(48.8604, 2.262), 160_000, "11"),
        Commune("93066", "Saint-Denis", "93", Point(48.92986, 2.36168), 149_077, "11"),
        Commune("78646", "Versailles", "78", Point(48.80393, 2.12002), 83_918, "11"),
        Commune("69123", "Lyon", "69", Point(45.7589, 4.84139), 519_127, "84"),
        Commune("69381", "Lyon 1er Arrondissement", "69", Point(45.7698, 4.8298), 28_000, "84"),
        Commune("69388", "Lyon 8e Arrondissement", "69", Point(45.7342, 4.8687), 86_000, "84"),
        Commune("69389", "Lyon 9e Arrondissement", "69", Point(45.7797, 4.7985), 52_000, "84"),
        Commune("69256", "Vaulx-en-Velin", "69", Point(45.7787, 4.9228), 51_000, "84"),
        Commune("13055", "Marseille", "13", Point(43.2967, 5.37639), 886_040, "93"),
        Commune("13201", "Marseille 1er Arrondissement", "13", Point(43.30018, 5.38276), 37_599, "93"),
        Commune("46042", "Cahors", "46", Point(44.45651, 1.43901), 20_050, "76"),
        Commune("46102", "Figeac", "46", Point(44.6103, 2.0248), 9_732, "76"),
        Commune("46251", "Saint-Céré", "46", Point(44.8576, 1.8917), 3_405, "76"),
        Commune("2A004", "Ajaccio", "2A", Point(41.92274, 8.70583), 76_320, "94"),
        Commune("97411", "Saint-Denis", "974", Point(-20.94342, 55.4444), 155_634, "04"),
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

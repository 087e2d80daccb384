"""The compared gateways, with the start command and the query of each."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from bench.peers.install import HERE, MODULES, node_packages, tailcall
from bench.peers.processes import PeerUnavailable
from bench.typical.ours import QUERY

GATEWAYS = HERE / "gateways"
ROOT = HERE.parent.parent
PATH = "/graphql"

# Mesh derives its names from the contracts; aliases give the names of the other gateways.
_MESH_QUERY = """query Typique {
  formations: lba_catalogue_v1_Catalogue_SearchFormations(input: {romes: ["D1102"], first: 50}) {
    edges { distanceKm: distance_km node {
      intitule niveau diplome cfd rncp intituleRncp: intitule_rncp gestionnaireSiret: gestionnaire_siret
      sessions majLe: maj_le source fictive
      etablissement { siret raisonSociale: raison_sociale } lieu { commune } } } }
  recruteurs: lba_prediction_v1_Prediction_SearchRecruteurs(input: {romes: ["D1102"], first: 100}) {
    edges { distanceKm: distance_km node {
      siret raisonSociale: raison_sociale enseigne trancheEffectif: tranche_effectif score
      fictive naf { code libelle } lieu { commune } } } }
}"""


@dataclass(frozen=True)
class Site:
    """The folder and the addresses of one peer."""

    folder: Path
    """The folder for its generated files."""
    port: int
    backend: str
    """The address of the services."""

    def environment(self) -> dict[str, str]:
        return {"PORT": str(self.port), "BACKEND": self.backend, "NODE_ENV": "production"}


@dataclass(frozen=True)
class Peer:
    """A gateway to measure."""

    name: str
    """Its name in --only."""
    title: str
    """Its name in the tables."""
    command: Callable[[Site], list[str]]
    """Installs what the peer needs, and returns its command. Raises PeerUnavailable."""
    environment: Mapping[str, str] = field(default_factory=dict)
    query: str = QUERY


def _python(module: str) -> Callable[[Site], list[str]]:
    return lambda _: [sys.executable, "-m", f"bench.peers.gateways.{module}"]


def _node(script: str) -> Callable[[Site], list[str]]:
    def command(_: Site) -> list[str]:
        node_packages()
        return ["node", str(GATEWAYS / script)]

    return command


def _hive(site: Site) -> list[str]:
    node_packages()
    supergraph = str(site.folder / "supergraph.graphql")
    config = str(GATEWAYS / "mesh.config.mjs")
    compose = ["node", str(MODULES / ".bin/mesh-compose"), "-c", config, "-o", supergraph]
    environment = {**os.environ, **site.environment()}
    made = subprocess.run(compose, cwd=HERE, env=environment, check=False, capture_output=True, text=True)
    if made.returncode:
        raise PeerUnavailable(f"mesh-compose failed: {made.stdout[-300:]}{made.stderr[-300:]}")
    options = ["-c", str(GATEWAYS / "hive.config.mjs"), "--host", "127.0.0.1", "--fork", "1", "--jit"]
    return ["node", str(MODULES / ".bin/hive-gateway"), "supergraph", supergraph, *options]


def _tailcall(site: Site) -> list[str]:
    values = {"port": site.port, "backend": site.backend, "root": ROOT, "folder": site.folder}
    for name in ("tailcall.yaml", "tailcall.graphql"):
        text = Template((GATEWAYS / name).read_text()).substitute(values)
        (site.folder / name).write_text(text)
    return [*tailcall(), "start", str(site.folder / "tailcall.yaml")]


PEERS = (
    Peer("ours", "ours", _python("ours"), {"GATEWAY_WIRE": "false"}),
    Peer("ours-wire", "ours, wire lane", _python("ours"), {"GATEWAY_WIRE": "true"}),
    Peer("plain", "plain strawberry", _python("plain")),
    Peer("mercurius", "Mercurius, graphql-jit", _node("mercurius.mjs")),
    Peer("apollo", "Apollo Server", _node("apollo.mjs")),
    Peer("hive", "Hive Gateway", _hive, query=_MESH_QUERY),
    Peer("tailcall", "Tailcall", _tailcall, {"TAILCALL_TRACKER": "false", "TC_LOG_LEVEL": "error"}),
)

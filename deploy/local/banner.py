"""The text printed once every process answers: addresses, data loaded, a query to try."""

from __future__ import annotations

import contextlib
import shlex
import sys
from pathlib import Path

import orjson

from deploy.local.demonstration.employers import FIRST_EMPLOYER
from deploy.local.demonstration.fictitious import fictitious_siret
from deploy.local.ports import HOST

QUERY = """\
query Recherche {
  search(criteria: {romes: ["D1102"], niveau: NIVEAU_3,
                    zone: {around: {latitude: 48.8566, longitude: 2.3522, rayonKm: 30}}}) {
    formations(first: 20) {
      totalCount
      edges { distanceKm node { id intitule niveau
        etablissement { siret raisonSociale commune }
        rendezVous { open nextCreneaux(first: 3) { id start end } } } }
      pageInfo { endCursor hasNextPage }
      facets { niveaux { value count } }
    }
    employeurs(first: 30) { edges { distanceKm score raisons { libelle poids } node { __typename
      ... on Offre { id intitule entreprise { nom } contrat { type } publieeLe }
      ... on BesoinMatcha { id intitule opco expireLe }
      ... on RecruteurProbable { siret raisonSociale } } } }
    sources { name status elapsedMs message }
  }
}"""
"""The query of a search page: trainings and employers in bakery, around the centre of Paris."""


SAMPLE_SIRET = fictitious_siret(FIRST_EMPLOYER)

_COUNTS_SHOWN = (
    ("formations", "catalogue", "formations"),
    ("etablissements", "catalogue", "etablissements"),
    ("communes", "catalogue", "communes"),
    ("employers", "prediction", "entreprises"),
    ("offers (simulated)", "sandbox", "entreprises.csv"),
    ("needs (fictitious)", "matcha", "fictitious needs"),
)
"""(label, name of the importer, name of the table in its reports)."""


def banner(port: int, state: Path, data: Path | None, engine: str) -> str:
    """The text; `engine` is the label of the engine that serves the trainings."""
    base = f"http://{HOST}:{port}"
    addresses = orjson.loads((state / "addresses.json").read_bytes())
    token = f"{_python()} -m deploy.local.recruiter_token {SAMPLE_SIRET} --state {shlex.quote(str(state))}"
    lines = [
        "",
        "La Bonne Alternance is ready.",
        "",
        f"  GraphiQL   {base}/graphql",
        f"  ready      {base}/ready; each source on http://{HOST}:{addresses['gateway metrics']}/ready",
        f"  metrics    http://{HOST}:{addresses['gateway metrics']}/metrics",
        f"  sandbox    http://{HOST}:{addresses['sandbox']} (stands in for the France Travail API)",
        f"  engine     {engine}",
        f"  logs       {state / 'logs'}",
        f"  data       {data or 'the demonstration set, fictitious'}",
        *(f"             {count:>7,} {label}" for label, count in _counts(state)),
        "",
        "A query to paste in GraphiQL:",
        "",
        QUERY,
        "",
        "createBesoin publishes at once with the header Authorization: Bearer <token>, the token from",
        f"  {token}",
        "",
        "Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


def _counts(state: Path) -> list[tuple[str, int]]:
    accepted: dict[tuple[str, str], int] = {}
    for path in (state / "reports").glob("*.jsonl"):
        for line in path.read_bytes().splitlines():
            # A report that was cut only takes its numbers from the banner, until the next import.
            with contextlib.suppress(ValueError, TypeError, KeyError):
                report = orjson.loads(line)
                accepted[path.stem, report["table"]] = int(report["accepted"])
    return [
        (label, accepted[importer, table])
        for label, importer, table in _COUNTS_SHOWN
        if (importer, table) in accepted
    ]


def _python() -> str:
    """The path of this interpreter, quoted for a shell, relative to the current folder if inside it."""
    here = Path.cwd()
    python = Path(sys.executable)
    return shlex.quote(str(python.relative_to(here) if python.is_relative_to(here) else python))

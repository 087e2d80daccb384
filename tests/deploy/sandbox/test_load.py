from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest

from deploy.sandbox.load import commune_of, load
from deploy.sandbox.offres import FORMAT, OFFRES_FILE, OffresSimulees, read_offres, write_offres
from services.common.generation import current_generation, new_generation
from services.common.report import ImportConsole
from services.common.table import read_json, read_rows
from services.france.geo import Point
from services.france.stored_communes import COMMUNES_FILE, read_communes
from services.jobs.payload import read_offre
from tests.support.france.communes import table_of

SCHEMA = "france_travail_offres_v2.openapi.json"


@pytest.fixture(scope="module")
def generation(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("sandbox")
    load(real_data, state, ImportConsole())
    folder = current_generation(state)
    assert folder is not None
    return folder


def breaches(value: Any, schema: dict[str, Any], schemas: dict[str, Any], path: str = "") -> Iterable[str]:
    """The paths at which a value breaks the schema. A field without a schema is a breach."""
    schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    kinds: dict[str, Any] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "array": list,
    }
    kind = schema["type"]
    if kind == "object":
        for name, content in value.items():
            if name in schema["properties"]:
                yield from breaches(content, schema["properties"][name], schemas, f"{path}.{name}")
            else:
                yield f"{path}.{name} is not in the contract"
    elif not isinstance(value, kinds[kind]) or (kind != "boolean" and isinstance(value, bool)):
        yield f"{path}: {value!r} is not {kind}"
    elif kind == "array":
        for index, each in enumerate(value):
            yield from breaches(each, schema["items"], schemas, f"{path}[{index}]")


def test_every_offer_follows_the_contract(generation: Path, real_data: Path) -> None:
    schemas = read_json(real_data, SCHEMA)["components"]["schemas"]
    found = {
        breach
        for offre in read_offres(generation)
        for breach in breaches(offre.to_json(1_790_000_000.0, "http://x"), schemas["Offre"], schemas)
    }

    # The partner sends the SIRET under an agreement that its schema does not mention.
    assert found == {".entreprise.siret is not in the contract"}


def test_a_third_of_the_establishments_has_an_offer(generation: Path) -> None:
    assert 10_000 < len(read_offres(generation)) < 13_000


def test_every_job_exists(generation: Path, real_data: Path) -> None:
    columns = ("code_rome", "libelle_rome")
    romes = {row["code_rome"] for _, row in read_rows(real_data, "romes.csv", columns, ";")}

    used = {offre.payload["romeCode"] for offre in read_offres(generation)}
    assert used <= romes
    assert len(used) > 300


def test_every_offer_is_read_by_the_client_as_simulated(generation: Path) -> None:
    communes = read_communes(generation)
    offres = [
        read_offre(offre.to_json(1_790_000_000.0, "http://x"), communes) for offre in read_offres(generation)
    ]

    assert all(offre is not None and offre.fictive and offre.contrat.type for offre in offres)
    texts = [offre.description or "" for offre in offres if offre is not None]
    assert any("[adresse masquée]" in text for text in texts)
    assert not any("@employeur.invalid" in text or "01 99 00" in text for text in texts)
    assert all("simulée" in text for text in texts)


def test_real_looking_holes_are_there(generation: Path) -> None:
    offres = read_offres(generation)
    lieux = [offre.payload["lieuTravail"] for offre in offres]

    def share(holes: Iterable[bool]) -> float:
        return sum(holes) / len(offres)

    assert 0.03 < share(set(lieu) == {"libelle"} and "(Dept.)" in lieu["libelle"] for lieu in lieux) < 0.05
    assert 0.10 < share("latitude" not in lieu for lieu in lieux) < 0.20
    assert 0.08 < share("nom" not in offre.payload["entreprise"] for offre in offres) < 0.16
    assert 0.40 < share(offre.niveau is None for offre in offres) < 0.50
    assert 0.03 < share("siret" in offre.payload["entreprise"] for offre in offres) < 0.08
    communes = read_communes(generation)
    assert all((commune := communes.get(offre.commune)) and communes.point_of(commune) for offre in offres)
    assert len(OffresSimulees(offres, communes)) == len(offres)


def test_same_files_give_the_same_offers(generation: Path, real_data: Path, tmp_path: Path) -> None:
    load(real_data, tmp_path, ImportConsole())

    again = current_generation(tmp_path)
    assert again is not None
    assert (again / OFFRES_FILE).read_bytes() == (generation / OFFRES_FILE).read_bytes()
    assert orjson.loads((again / "report.json").read_bytes())["read"] > 40_000


def test_demonstration_set_gives_offers_too(demonstration: Path, tmp_path: Path) -> None:
    report = load(demonstration, tmp_path, ImportConsole())

    assert report.accepted > 0


@pytest.mark.parametrize(
    ("changes", "insee"),
    [
        ({"code_insee": "93066"}, "93066"),
        ({"code_insee": "75056"}, "75111"),
        ({"commune": "PARIS"}, "75111"),
        ({"commune": "SAINT DENIS", "code_postal": "93299"}, "93066"),
        ({"commune": "PARIS CEDEX", "code_postal": "75737"}, "75101"),
        ({"commune": "Nulle-Part", "code_postal": ""}, "75101"),
        ({"code_insee": "98735", "code_postal": ""}, "75101"),
    ],
)
def test_offer_is_in_an_arrondissement_or_a_commune_on_the_map(changes: dict[str, str], insee: str) -> None:
    near_the_louvre = Point(48.861, 2.337)
    row = {"code_insee": "", "code_postal": "75011", "commune": "Nulle-Part"} | changes

    assert commune_of(row, near_the_louvre, table_of()).insee == insee


@pytest.mark.server
async def test_communes_of_another_version_are_to_be_imported_again(tmp_path: Path) -> None:
    with new_generation(tmp_path, FORMAT) as folder:
        write_offres(folder, [])
        (folder / COMMUNES_FILE).write_bytes(b'[{"insee": "46042", "nom": "Cahors"}]')
    environment = os.environ | {
        "SANDBOX_PORT": "0",
        "SANDBOX_STATE": str(tmp_path),
        "SANDBOX_CLIENT_ID": "lba",
        "SANDBOX_CLIENT_SECRET": "secret",
    }

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.sandbox", env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()

    assert process.returncode == 1
    assert said.startswith(b"SANDBOX_STATE:")
    assert said.endswith(f"python -m deploy.sandbox.load --state {tmp_path} --data DIR\n".encode())

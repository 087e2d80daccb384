from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from protos import catalogue_pb2 as pb
from protos import geo_pb2
from services.catalogue.convert import metier_to_proto
from services.catalogue.engine.tantivy.source import FolderSource
from services.catalogue.engine.tantivy.store import TantivyFormationStore
from services.catalogue.live import LiveCatalogue
from services.catalogue.rome import Rome
from services.catalogue.servicer import CatalogueServicer
from services.catalogue.suggest.metier import Metier
from services.common.report import ImportConsole
from tests.support.catalogue.small_france import load_data, served_id, write_data

FORMATEUR, OTHER = "13000285000019", "13002374000439"
ONISEP = "https://www.onisep.fr/http/redirection/etablissement/slug/ENS.1"
DAY = date(2026, 12, 1)


@pytest.fixture(scope="module")
async def servicer(tmp_path_factory: pytest.TempPathFactory, quiet: ImportConsole) -> CatalogueServicer:
    folder: Path = tmp_path_factory.mktemp("catalogue")
    rows = [
        {"id": "told", "capacite": "12", "last_update_at": "2026-05-03T10:00:00.000Z", "cfd": "50022138"},
        {"id": "garbled", "capacite": "douze", "last_update_at": "hier", "cfd": "50022139"},
        {"id": "own", "gestionnaire_siret": FORMATEUR, "romes": "D1104|D1102"},
        {"id": "listed", "formateur_siret": OTHER, "gestionnaire_siret": FORMATEUR, "rncp": ""},
        {"id": "unlisted", "gestionnaire_siret": OTHER},
        {"id": "unknown", "gestionnaire_siret": "123"},
    ]
    await load_data(write_data(folder / "data", rows), folder / "state", quiet)
    live = LiveCatalogue(FolderSource(folder / "state", TantivyFormationStore.open))
    return CatalogueServicer(live, today=lambda: DAY)


async def detail(servicer: CatalogueServicer, identifier: str) -> pb.Formation:
    (found,) = (await servicer.GetFormations(_by_id(served_id(identifier)), None)).formations
    return found


def _by_id(formation_id: str) -> pb.GetFormationsRequest:
    return pb.GetFormationsRequest(ids=[formation_id])


async def test_jobs_come_with_their_labels_in_the_order_of_the_codes(servicer: CatalogueServicer) -> None:
    found = await detail(servicer, "own")

    assert [(each.code, each.libelle) for each in found.metiers] == [
        ("D1104", "Pâtisserie, confiserie, chocolaterie et glacerie"),
        ("D1102", "Boulangerie - viennoiserie"),
    ]
    assert list(found.romes) == ["D1104", "D1102"]


async def test_jobs_are_labelled_in_a_search_that_asks_for_it(servicer: CatalogueServicer) -> None:
    without = await servicer.SearchFormations(pb.SearchFormationsRequest(first=10), None)
    labelled = await servicer.SearchFormations(pb.SearchFormationsRequest(first=10, with_metiers=True), None)

    assert all(edge.node.romes and not edge.node.metiers for edge in without.edges)
    for edge in labelled.edges:
        assert (
            edge.node.metiers
            == (await servicer.GetFormations(_by_id(edge.node.id), None)).formations[0].metiers
        )
        assert [each.code for each in edge.node.metiers] == edge.node.romes


async def test_jobs_of_the_nearest_are_labelled_too(servicer: CatalogueServicer) -> None:
    at_sea = geo_pb2.Zone(origin=geo_pb2.Point(latitude=47.0, longitude=-6.0), rayon_km=10)
    request = pb.SearchFormationsRequest(zone=at_sea, first=1, with_metiers=True)

    nearest = (await servicer.SearchFormations(request, None)).plus_proches

    assert nearest
    assert all(len(each.node.metiers) == len(each.node.romes) > 0 for each in nearest)


async def test_page_may_follow_one_that_was_not_labelled(servicer: CatalogueServicer) -> None:
    first = await servicer.SearchFormations(pb.SearchFormationsRequest(first=1), None)
    request = pb.SearchFormationsRequest(first=1, after=first.edges[0].cursor, with_metiers=True)

    following = await servicer.SearchFormations(request, None)

    assert following.edges[0].node.id != first.edges[0].node.id


async def test_gestionnaire_is_the_organisation_that_the_catalogue_lists(
    servicer: CatalogueServicer,
) -> None:
    own, listed = await detail(servicer, "own"), await detail(servicer, "listed")

    assert own.gestionnaire == own.etablissement
    assert listed.gestionnaire == own.etablissement
    assert (listed.gestionnaire_siret, listed.etablissement.siret) == (FORMATEUR, OTHER)


async def test_gestionnaire_that_is_not_listed_is_known_by_its_siret_alone(
    servicer: CatalogueServicer,
) -> None:
    unlisted, unknown = await detail(servicer, "unlisted"), await detail(servicer, "unknown")

    assert not unlisted.HasField("gestionnaire")
    assert unlisted.gestionnaire_siret == OTHER
    assert not unknown.HasField("gestionnaire")
    assert not unknown.HasField("gestionnaire_siret")


async def test_links_lead_to_the_certification_and_to_onisep(servicer: CatalogueServicer) -> None:
    own, listed = await detail(servicer, "own"), await detail(servicer, "listed")

    assert own.rncp_url == "https://www.francecompetences.fr/recherche/rncp/18704/"
    assert own.onisep_url == ONISEP
    assert not listed.HasField("rncp_url")
    assert not listed.HasField("onisep_url")


async def test_what_the_export_does_not_tell_is_absent(servicer: CatalogueServicer) -> None:
    own = await detail(servicer, "own")

    assert not own.HasField("capacite")
    assert not own.HasField("maj_le")


async def test_capacity_and_freshness_are_told_where_they_are_known(servicer: CatalogueServicer) -> None:
    told, garbled = await detail(servicer, "told"), await detail(servicer, "garbled")

    assert (told.capacite, told.maj_le) == (12, "2026-05-03")
    assert not garbled.HasField("capacite")
    assert not garbled.HasField("maj_le")


def test_suggestion_says_whether_it_is_a_diploma() -> None:
    rome = Rome("D1102", "Boulangerie")

    assert metier_to_proto(Metier("BOULANGER (CAP)", (rome,), diplome=True)).diplome
    assert not metier_to_proto(Metier("Boulanger", (rome,))).diplome

from __future__ import annotations

from pathlib import Path

import pytest

from services.france.communes import Communes, departement_of, read_communes, write_communes
from services.france.geo import Point
from tests.support.jobs.partner import COMMUNES


@pytest.mark.parametrize(
    ("departement", "name", "insee"),
    [
        ("46", "CAHORS", "46042"),
        ("46", "ST CERE", "46251"),
        ("46", "Saint-Céré", "46251"),
        ("93", "ST DENIS", "93066"),
        ("974", "ST DENIS", "97411"),
        ("75", "PARIS 11", "75111"),
        ("75", "Paris 11e  Arrondissement", "75111"),
        ("75", "PARIS 01", "75101"),
        ("69", "Lyon 8e Arrondissement", "69388"),
        ("69", "PARIS 11", None),
        ("75", "PARIS 99", None),
        ("15", "CAHORS", None),
    ],
)
def test_named(departement: str, name: str, insee: str | None) -> None:
    found = COMMUNES.named(departement, name)

    assert (found.insee if found else None) == insee


def test_nearest_is_an_arrondissement_never_a_whole_city() -> None:
    commune, distance = COMMUNES.nearest(Point(48.86, 2.34445))

    assert commune.insee == "75101"
    assert distance == pytest.approx(0.66, abs=0.02)


def test_departement_of_a_code() -> None:
    assert [departement_of(code) for code in ("74010", "97411", "2A004")] == ["74", "974", "2A"]


def test_written_table_is_read_back_whole(tmp_path: Path) -> None:
    write_communes(tmp_path, list(COMMUNES))

    assert list(read_communes(tmp_path)) == list(COMMUNES)


def test_empty_table_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Communes([])

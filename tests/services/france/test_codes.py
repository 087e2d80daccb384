from __future__ import annotations

import pytest

from services.france.codes import departement_of_insee, departement_of_postal_code


@pytest.mark.parametrize(
    ("insee", "departement"),
    [("75104", "75"), ("74010", "74"), ("2A004", "2A"), ("97411", "974"), ("98735", "987"), ("", "")],
)
def test_departement_begins_the_insee_code(insee: str, departement: str) -> None:
    assert departement_of_insee(insee) == departement


@pytest.mark.parametrize(
    ("code_postal", "departement"),
    [
        ("75011", "75"),
        ("20000", "2A"),
        ("20137", "2A"),
        ("20200", "2B"),
        ("97410", "974"),
        ("01000", "01"),
        ("", ""),
    ],
)
def test_departement_begins_the_postal_code(code_postal: str, departement: str) -> None:
    assert departement_of_postal_code(code_postal) == departement

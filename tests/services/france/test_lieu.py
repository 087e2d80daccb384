from __future__ import annotations

import pytest

from services.france.geo import Point
from services.france.lieu import LIEU_COLUMNS, Lieu, known_point, read_lieu, read_point


def test_point_of_a_row() -> None:
    assert read_point({"latitude": "48.8566", "longitude": "2.3522"}) == Point(48.8566, 2.3522)
    assert read_point({"latitude": "-20.9", "longitude": "55.4"}) == Point(-20.9, 55.4)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        ("", ""),
        ("48.8", ""),
        ("0", "0"),
        ("0.0", "-0"),
        ("x", "4.8"),
        ("95", "4.8"),
        ("48", "181"),
        ("nan", "4"),
    ],
)
def test_cells_that_are_no_place(latitude: str, longitude: str) -> None:
    assert read_point({"latitude": latitude, "longitude": longitude}) is None


def test_equator_and_meridian_are_places_but_not_where_they_meet() -> None:
    assert known_point(0, 2) == Point(0, 2)
    assert known_point(48, 0) == Point(48, 0)
    assert known_point(0, 0) is None


def test_address_of_a_row_is_read_as_it_is_given() -> None:
    cells = ("2  RUE DU FOUR", "75011", "75056", "Paris 11e  Arrondissement", "48.86", "2.38")

    assert read_lieu(dict(zip(LIEU_COLUMNS, cells, strict=True))) == Lieu(
        "2 RUE DU FOUR", "75011", "75056", "Paris 11e Arrondissement", None, Point(48.86, 2.38)
    )


def test_empty_cells_of_an_address_are_unknown() -> None:
    assert read_lieu(dict.fromkeys(LIEU_COLUMNS, "")) == Lieu()

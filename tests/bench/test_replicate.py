from __future__ import annotations

from bench.catalogue.replicate import replicate
from services.catalogue.etablissement import Etablissement
from services.catalogue.formation import Formation
from services.catalogue.importing.destination import Edition, manifest_of
from services.catalogue.tables import Tables
from services.catalogue.text.analyser import Analyser
from services.catalogue.text.formation_tokens import index_formation
from services.france.geo import Point, distance_km
from services.france.lieu import Lieu

TOURS = Point(47.39, 0.69)


def _edition() -> Edition:
    school = Etablissement(siret="19370000000000", raison_sociale="CFA")
    places = (Lieu(commune="Tours", point=TOURS), Lieu(commune="Ailleurs"))
    formations = [
        index_formation(Formation(f"f{number}", "CUISINE (CAP)", 3, school, lieu, "essai"), {}, Analyser())
        for number, lieu in enumerate(places)
    ]
    tables = Tables([], [], [], [])
    return Edition(formations, tables, manifest_of(formations, tables))


def test_copies_follow_the_real_rows_with_ids_of_their_own() -> None:
    made = replicate(_edition(), 5)

    assert [each.formation.id for each in made.formations] == ["f0", "f1", "f0-1", "f1-1", "f0-2"]
    assert made.manifest.formations == 5
    assert made.tables.vocabulary["cap"] == 5


def test_copies_are_moved_by_up_to_20_km_and_those_without_a_place_are_not() -> None:
    points = [each.formation.lieu.point for each in replicate(_edition(), 200).formations]
    moved = [point for point in points[2::2] if point is not None]

    assert len(moved) == 99
    assert all(point is None for point in points[1::2])
    assert all(0 < distance_km(TOURS, point) <= 20.1 for point in moved)


def test_copies_are_the_same_each_time() -> None:
    assert replicate(_edition(), 50).manifest == replicate(_edition(), 50).manifest

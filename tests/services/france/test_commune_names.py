from __future__ import annotations

import pytest

from services.france.commune_names import in_full, plain_name


@pytest.mark.parametrize(
    "spellings",
    [
        ("Saint-Céré", "ST CERE", "ST-CÉRÉ", "saint  céré"),
        ("Saint-Étienne", "ST ETIENNE", "SAINT ETIENNE CEDEX 2", "Saint-Étienne Cedex", "ST ETIENNE 2"),
        ("Les Saintes-Maries", "LES STES MARIES"),
        ("Marcq-en-Barœul", "MARCQ EN BAROEUL"),
        ("L'Haÿ-les-Roses", "L HAY LES ROSES"),
        ("Paris 1er Arrondissement", "PARIS 01", "Paris 1", "Paris 1er  Arrondissement", "PARIS 1 CEDEX"),
        ("Lyon 8e Arrondissement", "LYON 8EME ARRONDISSEMENT", "LYON 08"),
        ("Marseille", "MARSEILLE CEDEX 20"),
    ],
)
def test_spellings_of_one_commune_are_one(spellings: tuple[str, ...]) -> None:
    assert len({plain_name(each) for each in spellings}) == 1


def test_other_communes_stay_apart() -> None:
    names = ("Paris", "Paris 1", "Paris 11", "Lyon 1", "Saint-Denis", "Sainte-Denise", "Estrablin", "")

    assert len({plain_name(each) for each in names}) == len(names)


def test_only_whole_words_are_shortened_ones() -> None:
    assert in_full(["st", "ste", "est", "stes"]) == ["saint", "sainte", "est", "saintes"]

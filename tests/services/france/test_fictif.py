from __future__ import annotations

from collections import Counter

from services.france.fictif import draw, generator, pick, weighted


def test_draw_is_the_same_on_every_machine() -> None:
    assert [draw(1000, "school", number) for number in range(5)] == [296, 175, 224, 825, 517]
    assert pick("abcdef", "letter", 1) == "e"


def test_draw_is_even() -> None:
    counts = Counter(draw(6, "besoin", f"{number:014}") for number in range(6_000))

    assert set(counts) == set(range(6))
    assert all(850 < count < 1_150 for count in counts.values())


def test_generator_is_the_same_on_every_machine() -> None:
    draws = generator("73282932000074")

    assert [draws.randrange(1000) for _ in range(5)] == [672, 843, 177, 222, 178]


def test_heavy_choices_are_drawn_more() -> None:
    draws = generator("weights")
    counts = Counter(weighted(draws, {"often": 90, "seldom": 10, "never": 0}) for _ in range(1_000))

    assert counts["never"] == 0
    assert 850 < counts["often"] < 950

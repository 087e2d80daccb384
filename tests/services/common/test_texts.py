from __future__ import annotations

import pytest

from services.common.texts import quoted, whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("9" * 18, 10**18 - 1),
        ("", None),
        ("-1", None),
        ("1.0", None),
        (" 1", None),
        ("1\n", None),
        ("1_000", None),
        ("١٢", None),
        ("²", None),
        ("9" * 5000, None),
    ],
)
def test_whole_number_is_of_ascii_digits(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_long_text_is_quoted_by_its_beginning() -> None:
    assert quoted("D1102") == "« D1102 »"
    assert quoted("a" * 40) == f"« {'a' * 40} »"
    assert quoted("a" * 41) == f"« {'a' * 40}… »"

"""Checks of requests with one wording for all services. Each function returns the problems that it finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from google.protobuf.descriptor import EnumDescriptor

from services.common.errors import InvalidRequest, Problem
from services.common.texts import quoted

MAX_FIRST = 100
"""Most rows of a page."""


def raise_if_any(problems: Sequence[Problem]) -> None:
    """Raise InvalidRequest if there is a problem."""
    if problems:
        raise InvalidRequest(problems)


def range_problems(path: str, value: float, low: float, high: float, unit: str = "") -> list[Problem]:
    """A problem if the number is out of range, or NaN."""
    if low <= value <= high:
        return []
    shown = value if isinstance(value, int) else f"{value:g}"
    return [Problem(path, f"{shown} n'est pas entre {low:g} et {high:g} {unit}".rstrip())]


def first_problems(first: int, at_least: int = 0, at_most: int = MAX_FIRST) -> list[Problem]:
    """A problem if the number of requested rows is out of range."""
    return range_problems("first", first, at_least, at_most)


def count_problems(path: str, values: Sequence[object], at_least: int, at_most: int) -> list[Problem]:
    """A problem if there are too few or too many values."""
    if at_least <= len(values) <= at_most:
        return []
    wanted = f"il en faut de {at_least} à {at_most}" if at_least else f"{at_most} au plus"
    count = f"{len(values)} valeurs" if len(values) > 1 else f"{len(values)} valeur"
    return [Problem(path, f"{count} ; {wanted}")]


def list_problems(
    path: str,
    values: Sequence[str],
    problems_of: Callable[[str, str], list[Problem]],
    at_least: int,
    at_most: int,
) -> list[Problem]:
    """The problem of the number of values, and those of `problems_of` in each of the first `at_most`."""
    return count_problems(path, values, at_least, at_most) + [
        problem
        for place, value in enumerate(values[:at_most])
        for problem in problems_of(f"{path}[{place}]", value)
    ]


def enum_problems(path: str, number: int, enum: EnumDescriptor, wanted: str) -> list[Problem]:
    """A problem if the number is no member of the enum (proto3 enums are open, so any number may arrive)."""
    if number in enum.values_by_number:
        return []
    known = ", ".join(value.name for value in enum.values if value.number)
    return [Problem(path, f"{number} n'est pas {wanted} ; {known}")]


def length_problems(path: str, value: str, at_least: int, at_most: int) -> list[Problem]:
    """A problem if the text is too short or too long; blanks at its ends do not count."""
    length = len(value.strip())
    if at_least <= length <= at_most:
        return []
    if not length:
        return [Problem(path, f"obligatoire, de {at_least} à {at_most} caractères")]
    wanted = f"il en faut de {at_least} à {at_most}" if at_least else f"{at_most} au plus"
    return [Problem(path, f"{length} caractères ; {wanted}")]


def shape_problems(path: str, text: str, is_right: Callable[[str], bool], wanted: str) -> list[Problem]:
    """A problem if the text has the wrong shape; `wanted` describes the right one with an example."""
    return [] if is_right(text) else [Problem(path, f"{quoted(text)} n'est pas {wanted}")]

"""Chance that can be repeated: the same key gives the same fictitious thing, on every machine."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def draw(limit: int, *key: object) -> int:
    """A number in [0, limit[ that depends on the key alone, not on the draws before it."""
    digest = blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % limit


def pick(choices: Sequence[T], *key: object) -> T:
    return choices[draw(len(choices), *key)]


def generator(key: str) -> random.Random:
    """For a thing that takes many draws, one after the other."""
    return random.Random(key)  # noqa: S311 - not for secrets: the same draws must come back


def weighted(chance: random.Random, weights: Mapping[T, float]) -> T:
    """One of the keys, as often as it weighs."""
    return chance.choices(list(weights), list(weights.values()))[0]

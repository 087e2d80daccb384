"""Reproducible random draws for fictitious data: the same key gives the same result on every machine."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def draw(limit: int, *key: object) -> int:
    """A number from 0 to limit - 1 that depends on the key only."""
    digest = blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % limit


def pick(choices: Sequence[T], *key: object) -> T:
    return choices[draw(len(choices), *key)]


def generator(key: str) -> random.Random:
    """A random generator seeded by the key, for a series of draws."""
    return random.Random(key)  # noqa: S311 - not for secrets: the same draws must come back


def weighted(chance: random.Random, weights: Mapping[T, float]) -> T:
    """One of the keys, with a probability proportional to its weight."""
    return chance.choices(list(weights), list(weights.values()))[0]

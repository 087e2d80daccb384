"""A schema with every kind of field, and random data with wrong values anywhere.

The same seed gives the same data. Each execution generates it again, because an iterator can be read once.
"""

from __future__ import annotations

import enum
import random
from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig

from tests.support.execution.poison import POISONS

POISON_RATE = 0.04


@strawberry.enum
class Colour(enum.Enum):
    """An enum with a member whose GraphQL name differs."""

    RED = "r"
    GREEN = "g"
    BLUE = strawberry.enum_value("b", name="AZURE")


class Denied(BasePermission):
    """Refuses the objects that are not `allowed`."""

    message = "not for you"

    def has_permission(self, source: Any, info: strawberry.Info, **_: Any) -> bool:  # noqa: ARG002 - strawberry's own
        return bool(source.allowed)


@strawberry.interface
class Named:
    """The interface of leaves and trees."""

    name: str | None
    size: int


def _twice(root: strawberry.Parent[Any], by: int = 2) -> int:
    return int(root.size) * by


async def _slow(root: strawberry.Parent[Any]) -> str | None:
    return None if root.name is None else f"slow {root.name}"


async def _slow_strict(root: strawberry.Parent[Any]) -> str:
    return str(root.name.upper())


@strawberry.type
class Leaf(Named):
    """A type with plain fields, resolvers and a permission."""

    id: strawberry.ID
    weight: float
    ratio: float | None
    ripe: bool
    colour: Colour | None
    colours: list[Colour]
    words: list[str | None]
    grid: list[list[int]]
    twice: int = strawberry.field(resolver=_twice)
    slow: str | None = strawberry.field(resolver=_slow)
    strict: str = strawberry.field(resolver=_slow_strict)
    secret: str | None = strawberry.field(resolver=_slow, permission_classes=[Denied])
    allowed: strawberry.Private[bool] = True


@strawberry.type
class Stone:
    """The second member of the union."""

    weight: float
    label: str


Thing = Annotated[Leaf | Stone, strawberry.union("Thing")]


@strawberry.type
class Tree(Named):
    """A type with nested objects and lists of all kinds."""

    top: Leaf | None
    leaves: list[Leaf]
    maybe_leaves: list[Leaf | None] | None
    things: list[Thing]
    named: list[Named]
    rows: list[list[Leaf]]
    children: list[Tree]
    slow: str | None = strawberry.field(resolver=_slow)


class World:
    """Generates the data of one seed."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._poison = seed % 3 != 0

    def tree(self, depth: int = 1) -> Tree:
        return Tree(
            name=self._value(self._text, optional=True),
            size=self._value(self._int),
            top=self._value(self.leaf, optional=True),
            leaves=self._value(lambda: self._some(lambda: self._value(self.leaf))),
            maybe_leaves=self._value(
                lambda: self._some(lambda: self._value(self.leaf, optional=True)), optional=True
            ),
            things=self._some(lambda: self._value(self._rng.choice((self.leaf, self.stone)))),
            named=self._some(self.leaf),
            rows=self._some(lambda: self._value(lambda: self._some(self.leaf))),
            children=self._some(lambda: self.tree(depth - 1)) if depth else [],
        )

    def leaf(self) -> Leaf:
        value = self._value
        return Leaf(
            name=value(self._text, optional=True),
            size=value(self._int),
            id=value(self._text),
            weight=value(self._float),
            ratio=value(self._float, optional=True),
            ripe=value(lambda: self._rng.random() < 0.5),
            colour=value(lambda: self._rng.choice(list(Colour)), optional=True),
            colours=value(lambda: self._some(lambda: value(lambda: self._rng.choice(list(Colour))))),
            words=value(lambda: tuple(self._some(lambda: value(self._text, optional=True)))),
            grid=self._some(lambda: self._some(lambda: value(self._int))),
            allowed=self._rng.random() < 0.5,
        )

    def stone(self) -> Stone:
        return Stone(weight=self._value(self._float), label=self._value(self._text))

    def _some(self, make: Callable[[], Any]) -> list[Any]:
        return [make() for _ in range(self._rng.randrange(4))]

    def _text(self) -> str:
        return self._rng.choice(("", "oak", "é", "elm", '"quoted"'))

    def _int(self) -> int:
        return self._rng.randrange(-5, 100)

    def _float(self) -> float:
        return self._rng.choice((0.0, -1.5, 2.25, 1e300))

    def _value(self, make: Callable[[], Any], *, optional: bool = False) -> Any:
        value = make()
        if optional and self._rng.random() < 0.2:
            return None
        if not self._poison or self._rng.random() >= POISON_RATE:
            return value
        return self._rng.choice(POISONS)(value)


@strawberry.type
class Query:
    """The root: one tree, a list of trees, and a union."""

    @strawberry.field
    def tree(self, info: strawberry.Info) -> Tree:
        return World(info.context["seed"]).tree()

    @strawberry.field
    async def trees(self, info: strawberry.Info) -> list[Tree] | None:
        world = World(info.context["seed"] + 1)
        return [world.tree(0), world.tree(0)]

    @strawberry.field
    def thing(self, info: strawberry.Info) -> Thing | None:
        return World(info.context["seed"]).leaf()


CONFIG = StrawberryConfig()
TYPES = [Leaf, Tree, Stone]

RESOLVED = ("twice", "slow", "strict", "secret")
ARGUMENTS = {"twice": "(by: 3)"}

"""A schema with every kind of field, data that may be wrong anywhere, and queries made at random.

The same seed gives the same data, made anew for each execution: an iterator is gone through once.
"""

from __future__ import annotations

import enum
import random
from collections.abc import Callable, Generator
from typing import Annotated, Any

import strawberry
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig

POISON_RATE = 0.04


@strawberry.enum
class Colour(enum.Enum):
    """Three of them."""

    RED = "r"
    GREEN = "g"
    BLUE = strawberry.enum_value("b", name="AZURE")


class Denied(BasePermission):
    """Refuses every other object."""

    message = "not for you"

    def has_permission(self, source: Any, info: strawberry.Info, **_: Any) -> bool:  # noqa: ARG002 - strawberry's own
        return bool(source.allowed)


@strawberry.interface
class Named:
    """What leaves and trees have in common."""

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
    """Plain fields, resolvers and a permission."""

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
    """The other member of the union."""

    weight: float
    label: str


Thing = Annotated[Leaf | Stone, strawberry.union("Thing")]


@strawberry.type
class Tree(Named):
    """Leaves, other trees, and anything."""

    top: Leaf | None
    leaves: list[Leaf]
    maybe_leaves: list[Leaf | None] | None
    things: list[Thing]
    named: list[Named]
    rows: list[list[Leaf]]
    children: list[Tree]
    slow: str | None = strawberry.field(resolver=_slow)


class World:
    """Data of one seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
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
            things=self._some(lambda: self._value(self._dice.choice((self.leaf, self.stone)))),
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
            ripe=value(lambda: self._dice.random() < 0.5),
            colour=value(lambda: self._dice.choice(list(Colour)), optional=True),
            colours=value(lambda: self._some(lambda: value(lambda: self._dice.choice(list(Colour))))),
            words=value(lambda: tuple(self._some(lambda: value(self._text, optional=True)))),
            grid=self._some(lambda: self._some(lambda: value(self._int))),
            allowed=self._dice.random() < 0.5,
        )

    def stone(self) -> Stone:
        return Stone(weight=self._value(self._float), label=self._value(self._text))

    def _some(self, make: Callable[[], Any]) -> list[Any]:
        return [make() for _ in range(self._dice.randrange(4))]

    def _text(self) -> str:
        return self._dice.choice(("", "oak", "é", "elm", '"quoted"'))

    def _int(self) -> int:
        return self._dice.randrange(-5, 100)

    def _float(self) -> float:
        return self._dice.choice((0.0, -1.5, 2.25, 1e300))

    def _value(self, make: Callable[[], Any], *, optional: bool = False) -> Any:
        value = make()
        if optional and self._dice.random() < 0.2:
            return None
        if not self._poison or self._dice.random() >= POISON_RATE:
            return value
        return self._dice.choice(_POISONS)(value)


class Later:
    """An awaitable that may be left alone, as a coroutine may not."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __await__(self) -> Generator[Any, None, Any]:
        return self._give().__await__()

    def __repr__(self) -> str:
        return "Later"  # without an address: a resolver may put it in an answer

    async def _give(self) -> Any:
        if isinstance(self._value, Exception):
            raise self._value
        return self._value


class Odd:
    """Nothing that the schema knows."""

    def __repr__(self) -> str:
        return "Odd"


_POISONS: tuple[Callable[[Any], Any], ...] = (
    lambda _: None,
    lambda _: 3,
    lambda _: 2**40,
    lambda _: True,
    lambda _: float("nan"),
    lambda _: "text",
    lambda _: Odd(),
    lambda _: ValueError("poison"),
    lambda _: [],
    lambda _: {"a": 1},
    Later,
    lambda _: Later(ValueError("later")),
    lambda value: iter(value) if isinstance(value, list) else 1.0,
    lambda value: filter(None, value) if isinstance(value, list) else 7,
)


@strawberry.type
class Query:
    """One tree, and many."""

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

_FIELDS: dict[str, dict[str, str]] = {
    "Query": {"tree": "Tree", "trees": "Tree", "thing": "Thing"},
    "Tree": {
        "name": "", "size": "", "slow": "", "top": "Leaf", "leaves": "Leaf", "maybeLeaves": "Leaf",
        "things": "Thing", "named": "Named", "rows": "Leaf", "children": "Tree",
    },
    "Leaf": {
        "name": "", "size": "", "id": "", "weight": "", "ratio": "", "ripe": "", "colour": "", "colours": "",
        "words": "", "grid": "", "twice": "", "slow": "", "strict": "", "secret": "",
    },
    "Stone": {"weight": "", "label": ""},
    "Named": {"name": "", "size": ""},
    "Thing": {},
}  # fmt: skip
_WITHIN = {
    "Thing": ("Leaf", "Stone"),
    "Named": ("Leaf", "Tree"),
    "Leaf": ("Leaf", "Named"),
    "Tree": ("Tree", "Named"),
}


class QueryMaker:
    """A query of one seed, valid most of the time."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._fragments: dict[str, str] = {}
        self._aliases = 0
        # Resolvers in half of the queries only, so that whole lists are compiled in the others.
        self._plain = seed % 2 == 0

    def text(self) -> str:
        body = self._selection("Query", 4)
        fragments = " ".join(self._fragments.values())
        return f"query Q($yes: Boolean = true, $no: Boolean = false) {body} {fragments}"

    def _selection(self, type_name: str, depth: int) -> str:
        parts = [self._part(type_name, depth) for _ in range(self._dice.randint(1, 5))]
        return "{ " + " ".join(["__typename", *parts]) + " }"

    def _part(self, type_name: str, depth: int) -> str:
        roll = self._dice.random()
        within = _WITHIN.get(type_name)
        if within and depth and (roll < 0.15 or not _FIELDS[type_name]):
            on = self._dice.choice(within)
            return f"... on {on}{self._condition()} {self._selection(on, depth - 1)}"
        if depth and roll < 0.25 and type_name != "Query":
            return f"...{self._fragment(type_name, depth - 1)}{self._condition()}"
        return self._field(type_name, depth)

    def _fragment(self, type_name: str, depth: int) -> str:
        name = f"F{len(self._fragments)}"
        self._fragments[name] = ""
        self._fragments[name] = f"fragment {name} on {type_name} {self._selection(type_name, depth)}"
        return name

    def _field(self, type_name: str, depth: int) -> str:
        fields = [
            name
            for name, inner in _FIELDS[type_name].items()
            if (depth or not inner) and not (self._plain and name in ("twice", "slow", "strict", "secret"))
        ]
        if not fields:
            return "__typename"
        name = self._dice.choice(fields)
        inner = _FIELDS[type_name][name]
        selection = f" {self._selection(inner, depth - 1)}" if inner else ""
        argument = "(by: 3)" if name == "twice" and self._dice.random() < 0.5 else ""
        # An alias of its own in most places, so that fields seldom conflict.
        self._aliases += 1
        alias = f"a{self._aliases}: " if inner or argument or self._dice.random() < 0.3 else ""
        return f"{alias}{name}{argument}{self._condition()}{selection}"

    def _condition(self) -> str:
        return self._dice.choice(("",) * 8 + (" @skip(if: $no)", " @include(if: $no)", " @include(if: $yes)"))

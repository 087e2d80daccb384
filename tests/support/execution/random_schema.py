"""Schemas made at random: types, interfaces and unions of fields of any shape, and data for them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Annotated, Any, Union

import strawberry
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig

from tests.support.execution.poison import POISONS
from tests.support.execution.random_world import Colour, Denied
from tests.support.execution.stamps import STAMPS, Stamp

POISON_RATE = 0.02
Make = Callable[[random.Random], Any]
Shape = tuple[Any, Make]
"""The annotation of a field, and what makes a value for it."""

# The annotations are made when the test runs, which type checkers only know of values.
_ANNOTATED: Any = Annotated
_LIST: Any = list
_PARENT: Any = strawberry.Parent
_UNION: Any = Union

_LEAVES: tuple[Shape, ...] = (
    (str, lambda dice: dice.choice(("", "oak", "é", '"quoted"'))),
    (int, lambda dice: dice.randrange(-5, 100)),
    (float, lambda dice: dice.choice((0.0, -1.5, 2.25, 1e300))),
    (bool, lambda dice: dice.random() < 0.5),
    (Stamp, lambda dice: dice.choice(("", "2027-09-01", "à midi"))),
    (strawberry.ID, lambda dice: f"id{dice.randrange(9)}"),
    (Colour, lambda dice: dice.choice(list(Colour))),
)


class RandomSchema:
    """As the modules that hold a schema made by hand: Query, TYPES, CONFIG, and the words of queries."""

    CONFIG = StrawberryConfig(scalar_map=STAMPS)

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._shapes: list[Shape] = []
        self._objects: list[Shape] = []
        self.RESOLVED: tuple[str, ...] = ()
        self.ARGUMENTS: dict[str, str] = {}
        self._interface = self._made(strawberry.interface, "Common", (), 2)
        self.TYPES: list[Any] = []
        for number in range(self._dice.randint(2, 5)):
            bases = (self._interface[0],) if self._dice.random() < 0.5 else ()
            self._add(number, bases)
        self._add(9, (self._interface[0],))
        self.Query = self._query()

    def _add(self, number: int, bases: tuple[Any, ...]) -> None:
        cls, make = self._made(strawberry.type, f"Type{number}", bases, self._dice.randint(2, 6))
        self.TYPES.append(cls)
        self._shapes.append((cls, make))
        self._objects.append((cls, make))
        if len(self._objects) > 1 and self._dice.random() < 0.6:
            members = self._dice.sample(self._objects, 2)
            one_of = _UNION[members[0][0], members[1][0]]
            union = _ANNOTATED[one_of, strawberry.union(f"Union{number}")]
            self._shapes.append((union, lambda dice: dice.choice(members)[1](dice)))
        if bases:
            self._shapes.append((self._interface[0], make))

    def _made(self, declare: Any, name: str, bases: tuple[Any, ...], count: int) -> Shape:
        """A type of fields of its own, besides those of its bases."""
        makers: dict[str, Make] = dict(getattr(bases[0], "makers", {})) if bases else {}
        body: dict[str, Any] = {"__annotations__": {}, "allowed": True}
        body["__annotations__"]["allowed"] = strawberry.Private[bool]
        for number in range(count):
            field = f"{name[0].lower()}{name[-1]}{number}"
            annotation, make = self._shape(2)
            makers[field] = self._poisoned(make)
            roll = self._dice.random()
            if declare is strawberry.interface or roll < 0.7:
                body["__annotations__"][field] = annotation
            else:
                body[field] = self._resolved(field, annotation, roll)
        cls = declare(type(name, bases, body))
        cls.makers = makers
        return cls, lambda dice: self._instance(cls, makers, dice)

    def _instance(self, cls: Any, makers: dict[str, Make], dice: random.Random) -> Any:
        value = cls.__new__(cls)
        value.allowed = dice.random() < 0.6
        value.hidden = {}
        for name, make in makers.items():
            target = value.hidden if name in self.RESOLVED else value.__dict__
            target[name] = make(dice)
        return value

    def _shape(self, depth: int) -> Shape:
        dice = self._dice
        roll = dice.random()
        if depth and roll < 0.35:
            inner, make = self._shape(depth - 1)
            return self._maybe(_LIST[inner], _some(make))
        if self._shapes and roll < 0.65:
            return self._maybe(*dice.choice(self._shapes))
        return self._maybe(*dice.choice(_LEAVES))

    def _maybe(self, annotation: Any, make: Make) -> Shape:
        if self._dice.random() < 0.5:
            return annotation, make
        return annotation | None, lambda dice: None if dice.random() < 0.2 else make(dice)

    def _poisoned(self, make: Make) -> Make:
        def poisoned(dice: random.Random) -> Any:
            value = make(dice)
            return dice.choice(POISONS)(value) if dice.random() < POISON_RATE else value

        return poisoned

    def _resolved(self, name: str, annotation: Any, roll: float) -> Any:
        self.RESOLVED += (name,)

        def read(root: Any) -> Any:
            return root.hidden[name]

        async def wait(root: Any) -> Any:
            return root.hidden[name]

        def pick(root: Any, by: int = 0) -> Any:  # noqa: ARG001 - that there is one is what matters
            return root.hidden[name]

        resolver: Any = pick if roll > 0.95 else wait if roll > 0.85 else read
        hints: dict[str, Any] = {"root": _PARENT[Any], "return": annotation}
        if resolver is pick:
            self.ARGUMENTS[name] = "(by: 1)"
            hints["by"] = int
        resolver.__annotations__ = hints
        permissions: list[type[BasePermission]] = [Denied] if 0.8 < roll <= 0.85 else []
        return strawberry.field(resolver=resolver, permission_classes=permissions)

    def _query(self) -> Any:
        body: dict[str, Any] = {}
        for number, (annotation, make) in enumerate(self._shapes):
            body[f"one{number}"] = self._root(annotation | None, make)
            body[f"all{number}"] = self._root(_LIST[annotation], _some(make))
        return strawberry.type(type("Query", (), body))

    def _root(self, annotation: Any, make: Make) -> Any:
        def read(info: Any) -> Any:
            return make(random.Random(info.context["seed"]))

        read.__annotations__ = {"info": strawberry.Info, "return": annotation}
        return strawberry.field(resolver=read)


def _some(make: Make) -> Make:
    return lambda dice: [make(dice) for _ in range(dice.randrange(5))]

"""Generates random schemas (types, interfaces and unions with fields of any shape) and data for them."""

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
"""The annotation of a field, and a function that makes its value."""

# The annotations are built at run time, which type checkers don't support: these aliases have type Any.
_ANNOTATED: Any = Annotated
_LIST: Any = list
_PARENT: Any = strawberry.Parent
_UNION: Any = Union

_LEAVES: tuple[Shape, ...] = (
    (str, lambda rng: rng.choice(("", "oak", "é", '"quoted"'))),
    (int, lambda rng: rng.randrange(-5, 100)),
    (float, lambda rng: rng.choice((0.0, -1.5, 2.25, 1e300))),
    (bool, lambda rng: rng.random() < 0.5),
    (Stamp, lambda rng: rng.choice(("", "2027-09-01", "à midi"))),
    (strawberry.ID, lambda rng: f"id{rng.randrange(9)}"),
    (Colour, lambda rng: rng.choice(list(Colour))),
)


class RandomSchema:
    """A random schema with the attributes of `random_world`: Query, TYPES, CONFIG, RESOLVED, ARGUMENTS."""

    CONFIG = StrawberryConfig(scalar_map=STAMPS)

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._shapes: list[Shape] = []
        self._objects: list[Shape] = []
        self.RESOLVED: tuple[str, ...] = ()
        self.ARGUMENTS: dict[str, str] = {}
        self._interface = self._declare(strawberry.interface, "Common", (), 2)
        self.TYPES: list[Any] = []
        for number in range(self._rng.randint(2, 5)):
            bases = (self._interface[0],) if self._rng.random() < 0.5 else ()
            self._add(number, bases)
        self._add(9, (self._interface[0],))
        self.Query = self._query()

    def _add(self, number: int, bases: tuple[Any, ...]) -> None:
        cls, make = self._declare(strawberry.type, f"Type{number}", bases, self._rng.randint(2, 6))
        self.TYPES.append(cls)
        self._shapes.append((cls, make))
        self._objects.append((cls, make))
        if len(self._objects) > 1 and self._rng.random() < 0.6:
            members = self._rng.sample(self._objects, 2)
            one_of = _UNION[members[0][0], members[1][0]]
            union = _ANNOTATED[one_of, strawberry.union(f"Union{number}")]
            self._shapes.append((union, lambda rng: rng.choice(members)[1](rng)))
        if bases:
            self._shapes.append((self._interface[0], make))

    def _declare(self, declare: Any, name: str, bases: tuple[Any, ...], count: int) -> Shape:
        """A type with `count` fields besides those of its bases."""
        makers: dict[str, Make] = dict(getattr(bases[0], "makers", {})) if bases else {}
        body: dict[str, Any] = {"__annotations__": {}, "allowed": True}
        body["__annotations__"]["allowed"] = strawberry.Private[bool]
        for number in range(count):
            field = f"{name[0].lower()}{name[-1]}{number}"
            annotation, make = self._shape(2)
            makers[field] = self._poison(make)
            roll = self._rng.random()
            if declare is strawberry.interface or roll < 0.7:
                body["__annotations__"][field] = annotation
            else:
                body[field] = self._resolver_field(field, annotation, roll)
        cls = declare(type(name, bases, body))
        cls.makers = makers
        return cls, lambda rng: self._instance(cls, makers, rng)

    def _instance(self, cls: Any, makers: dict[str, Make], rng: random.Random) -> Any:
        value = cls.__new__(cls)
        value.allowed = rng.random() < 0.6
        value.hidden = {}
        for name, make in makers.items():
            attributes = value.hidden if name in self.RESOLVED else value.__dict__
            attributes[name] = make(rng)
        return value

    def _shape(self, depth: int) -> Shape:
        rng = self._rng
        roll = rng.random()
        if depth and roll < 0.35:
            inner, make = self._shape(depth - 1)
            return self._nullable_or_not(_LIST[inner], _some(make))
        if self._shapes and roll < 0.65:
            return self._nullable_or_not(*rng.choice(self._shapes))
        return self._nullable_or_not(*rng.choice(_LEAVES))

    def _nullable_or_not(self, annotation: Any, make: Make) -> Shape:
        if self._rng.random() < 0.5:
            return annotation, make
        return annotation | None, lambda rng: None if rng.random() < 0.2 else make(rng)

    def _poison(self, make: Make) -> Make:
        def poisoned(rng: random.Random) -> Any:
            value = make(rng)
            return rng.choice(POISONS)(value) if rng.random() < POISON_RATE else value

        return poisoned

    def _resolver_field(self, name: str, annotation: Any, roll: float) -> Any:
        self.RESOLVED += (name,)

        def read(root: Any) -> Any:
            return root.hidden[name]

        async def wait(root: Any) -> Any:
            return root.hidden[name]

        def read_with_argument(root: Any, by: int = 0) -> Any:  # noqa: ARG001 - the schema only needs the argument
            return root.hidden[name]

        resolver: Any = read_with_argument if roll > 0.95 else wait if roll > 0.85 else read
        hints: dict[str, Any] = {"root": _PARENT[Any], "return": annotation}
        if resolver is read_with_argument:
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
    return lambda rng: [make(rng) for _ in range(rng.randrange(5))]

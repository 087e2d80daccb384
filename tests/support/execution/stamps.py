"""A scalar of texts, for the schemas made at random."""

from __future__ import annotations

from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from gateway.execution.texts import as_text

Stamp = NewType("Stamp", str)

STAMPS: dict[object, ScalarDefinition] = {
    Stamp: strawberry.scalar(name="Stamp", serialize=as_text, parse_value=as_text)
}

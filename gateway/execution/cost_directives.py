"""What each field of the schema costs, said in the schema itself.

The directives are those of https://ibm.github.io/graphql-specs/cost-spec.html; `cost.py` adds them up. A
field without them costs nothing if it is a leaf, and one point for each object that it returns. A point is
about the CPU time that one object takes in all processes together.
"""

from __future__ import annotations

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cost",
    description="Ce que coûte le champ lui-même, en points, en plus des objets qu'il donne.",
)
class Cost:
    """The points of a field's own work: a call to a service, a search."""

    weight: str = strawberry.directive_field(name="weight")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="Combien d'objets le champ donne : ce que dit un argument, ou un nombre supposé.",
)
class ListSize:
    """How many objects a list holds.

    With `slicing_arguments`, as many as the largest of them says: in the field itself, or in the
    `sized_fields` of the object that it returns.
    """

    assumed_size: int | None = strawberry.UNSET
    slicing_arguments: list[str] | None = strawberry.UNSET
    sized_fields: list[str] | None = strawberry.UNSET


def weighs(points: float) -> Cost:
    """The directive of a field whose own work costs `points`."""
    return Cost(weight=f"{points:g}")


def holds(objects: int) -> ListSize:
    """The directive of a list that usually holds `objects`, or fewer."""
    return ListSize(assumed_size=objects)


SIZED_BY_FIRST = ListSize(slicing_arguments=["first"])
"""The directive of a list as long as its argument `first`."""

EDGES_BY_FIRST = ListSize(slicing_arguments=["first"], sized_fields=["edges"])
"""The directive of a connection whose `edges` are as many as its argument `first`."""

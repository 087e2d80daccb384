"""Translates the field paths of a service's refusal into the argument paths of the schema."""

from __future__ import annotations

import re
from collections.abc import Mapping

from strawberry.types import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from services.common.errors import InvalidRequest, Problem


def on_arguments(error: InvalidRequest, **inputs: type) -> InvalidRequest:
    """The refusal of a service, with each path as the schema names it.

    `inputs` gives the input type of each argument whose fields are fields of the service's request: with
    `criteria=SearchCriteriaInput`, `rome_domaine` becomes `criteria.romeDomaine`. Any other field of the
    request is an argument itself.
    """
    return InvalidRequest([Problem(_path(each.field, inputs), each.message) for each in error.problems])


def _path(field: str, inputs: Mapping[str, type]) -> str:
    name = re.split(r"[.[]", field, maxsplit=1)[0]
    for argument, input_type in inputs.items():
        if get_object_definition(input_type, strict=True).get_field(name):
            return f"{argument}.{to_camel_case(field)}"
    return to_camel_case(field)

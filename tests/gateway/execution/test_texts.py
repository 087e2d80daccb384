"""Plans and transcoders complete Date, DateTime and URL as they complete String."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from graphql import (
    GraphQLField,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    get_named_type,
)
from prometheus_client import REGISTRY

from gateway.execution import wire
from gateway.execution.accessor import accessor_of
from gateway.execution.contract import Kind, contract_field
from gateway.execution.lazy import lazy_reader
from gateway.execution.leaves import leaf_expression
from gateway.execution.source import Source
from gateway.execution.texts import as_text, is_text
from gateway.schema import build_schema
from tests.gateway.execution.test_differential import Pair
from tests.support.execution import message_world

SCALARS = ("Date", "DateTime", "URL")
QUERY = "{ nuts { edges { node { words shell { tag mark } } } } }"


def _fields(schema: GraphQLSchema) -> Iterator[tuple[GraphQLObjectType, str, GraphQLField]]:
    for graphql_type in schema.type_map.values():
        if isinstance(graphql_type, GraphQLObjectType):
            for name, field in graphql_type.fields.items():
                if get_named_type(field.type).name in SCALARS:
                    yield graphql_type, name, field


def test_the_contract_guarantees_every_date_instant_and_address() -> None:
    schema = build_schema()._schema  # noqa: SLF001 - strawberry gives it no other name

    kinds = {}
    for graphql_type, name, field in _fields(schema):
        accessor = accessor_of(schema, graphql_type)
        assert accessor is not None
        python_name = field.extensions["strawberry-definition"].python_name
        promised = contract_field(accessor, python_name, field.type, lambda _: None)
        kinds[f"{graphql_type.name}.{name}"] = promised and promised.kind

    assert kinds == dict.fromkeys(
        (
            "Formation.rncpUrl",
            "Formation.onisepUrl",
            "Formation.majLe",
            "BesoinMatcha.startLe",
            "BesoinMatcha.creeLe",
            "BesoinMatcha.expireLe",
            "Creneau.start",
            "Creneau.end",
            "RendezVous.creeLe",
            "EntrepriseOffre.url",
            "Offre.publieeLe",
            "Offre.actualiseeLe",
            "Offre.url",
        ),
        Kind.AS_IS,
    )


def test_a_scalar_that_does_not_change_its_strings_is_a_text() -> None:
    schema = build_schema()._schema  # noqa: SLF001 - the same

    assert all(is_text(schema.type_map[name]) for name in ("Date", "DateTime", "URL", "String", "ID"))
    assert not any(is_text(schema.type_map[name]) for name in ("Int", "Float", "Niveau", "Formation"))
    assert not is_text(GraphQLInt)
    assert is_text(GraphQLString)


@pytest.mark.parametrize("name", [*SCALARS, "String", "ID"])
def test_a_plan_checks_only_the_type_of_a_text(name: str) -> None:
    scalar = build_schema()._schema.type_map[name]  # noqa: SLF001 - the same

    expression = leaf_expression(cast("GraphQLLeafType", scalar), "v", Source())

    assert expression == "(t1 if (t1 := v) is None or type(t1) is str else fail())"


@pytest.mark.parametrize("value", [20270901, None, True, b"2027-09-01", ["2027-09-01"]])
def test_a_value_that_is_not_a_string_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="string"):
        as_text(value)


@pytest.mark.parametrize("how", ["compiled", "transcoded"])
async def test_a_scalar_of_texts_is_completed_by_its_plan(how: str) -> None:
    read_lazily = lazy_reader(message_world.NUTS)
    if how == "transcoded" and (wire.load() is None or read_lazily is None):
        pytest.skip("the compiled part is not built")
    pair = Pair(message_world)
    assert pair.is_valid(QUERY)
    data = _answer().SerializeToString()
    context = read_lazily(data) if how == "transcoded" and read_lazily else _answer()
    before = _counts()

    result = await pair.planned.execute(QUERY, context_value=context)

    assert result.errors is None
    after = _counts()
    assert after[how] > before[how]
    assert after["replayed"] == before["replayed"]


def _answer() -> Any:
    make_nut: Any = message_world.NUT
    make_shell: Any = message_world.SHELL
    answer: Any = message_world.NUTS()
    answer.edges.add(
        node=make_nut(words=["2027-09-01"], shell=make_shell(tag="2027-09-02", mark="2027-09-03"))
    )
    return answer


def _counts() -> dict[str, float]:
    names = ("compiled", "transcoded", "replayed")
    return {how: REGISTRY.get_sample_value("lba_plans_total", {"how": how}) or 0.0 for how in names}

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLNamedType, GraphQLObjectType, build_schema
from graphql.utilities import find_breaking_changes
from strawberry.schema.config import StrawberryConfig

from gateway import schema as gateway_schema
from gateway.execution.binding import bind, check_bindings, global_id, parse_global_id, read_field
from protos import catalogue_pb2, geo_pb2

SDL = Path(gateway_schema.__file__).parent / "schema.graphql"
RELEASED = Path(__file__).parent / "released.graphql"


def _types() -> list[GraphQLNamedType]:
    types = gateway_schema.build_schema()._schema.type_map  # noqa: SLF001 - as the gateway itself does
    builtin = {"String", "Int", "Float", "Boolean", "ID"}
    return [t for name, t in types.items() if not name.startswith("__") and name not in builtin]


def test_the_exported_schema_is_fresh() -> None:
    assert SDL.read_text(encoding="utf-8") == gateway_schema.build_schema().as_str() + "\n", (
        "run `make schema`"
    )


def test_nothing_released_is_broken() -> None:
    released, current = (build_schema(path.read_text(encoding="utf-8")) for path in (RELEASED, SDL))

    assert [change.description for change in find_breaking_changes(released, current)] == []


def test_everything_is_described() -> None:
    bare = []
    for graphql_type in _types():
        described: dict[str, Any] = {graphql_type.name: graphql_type}
        if isinstance(graphql_type, GraphQLEnumType):
            described |= {f"{graphql_type.name}.{k}": v for k, v in graphql_type.values.items()}
        fields = getattr(graphql_type, "fields", {})
        for name, field in fields.items():
            described[f"{graphql_type.name}.{name}"] = field
            if not isinstance(graphql_type, GraphQLInputObjectType):
                described |= {f"{graphql_type.name}.{name}({k})": v for k, v in field.args.items()}
        bare += [path for path, each in described.items() if not each.description]

    assert bare == []


def test_contacts_of_employers_are_in_no_type() -> None:
    shown = {
        f"{t.name}.{name}"
        for t in _types()
        if isinstance(t, GraphQLObjectType)
        for name in t.fields
        if any(word in name.lower() for word in ("mail", "telephone", "contact"))
    }

    assert shown == set()
    offre = next(t for t in _types() if t.name == "EntrepriseOffre")
    assert isinstance(offre, GraphQLObjectType)
    assert "siret" not in offre.fields


def test_a_field_is_read_by_its_presence() -> None:
    formation = catalogue_pb2.Formation(id="1", intitule="", capacite=0)

    assert read_field(formation, "intitule") == ""
    assert read_field(formation, "capacite") == 0
    assert read_field(formation, "diplome") is None
    assert read_field(formation, "niveau") is None
    assert read_field(formation, "lieu") is None
    assert list(read_field(formation, "romes")) == []


def test_a_number_that_this_gateway_does_not_know_yet_is_absent() -> None:
    formation = catalogue_pb2.Formation()
    formation.MergeFromString(b"\x18\x63")  # field 3 (niveau) = 99

    assert read_field(formation, "niveau") is None


def test_a_global_id_is_read_back() -> None:
    assert parse_global_id(global_id("Formation", "a:b")) == ("Formation", "a:b")
    assert parse_global_id(global_id("Nothing", "a")) is None
    assert parse_global_id("é") is None


@bind(geo_pb2.Zone, description="Faux.")
class WrongZone:
    """Has fields that don't fit lba.geo.v1.Zone."""

    insee: str
    communes: str | None
    nothing: int


@strawberry.type
class WrongQuery:
    """A query root with the wrong type."""

    zone: WrongZone


def test_a_type_that_disagrees_with_its_message_is_refused() -> None:
    schema = strawberry.Schema(WrongQuery, config=StrawberryConfig(default_resolver=read_field))

    with pytest.raises(TypeError) as refused:
        check_bindings(schema._schema)  # noqa: SLF001 - as the gateway itself does

    assert str(refused.value).split("; ") == [
        "WrongZone.insee: must be nullable",
        "WrongZone.communes: a list on one side only",
        "WrongZone.nothing: lba.geo.v1.Zone has no such field",
    ]

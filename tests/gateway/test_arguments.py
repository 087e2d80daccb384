from __future__ import annotations

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType

from gateway.arguments import on_arguments
from gateway.schema import build_schema
from gateway.search.criteria import SearchCriteriaInput
from gateway.types.besoin_mutation import CreateBesoinInput
from gateway.types.formation_facets import FormationFiltersInput
from gateway.types.rendez_vous_mutation import BookRendezVousInput
from protos import catalogue_pb2, jobs_pb2, matcha_pb2, prediction_pb2, rdv_pb2
from services.common.errors import InvalidRequest, Problem

SCHEMA = build_schema()._schema  # noqa: SLF001 - strawberry gives it no other name
SEARCH = {"criteria": SearchCriteriaInput, "filters": FormationFiltersInput}
INTERNAL_FIELDS = {"with_facets", "with_metiers", "with_raisons", "with_raisons_generales", "score_min"}
"""Fields of requests that the gateway fills in, and that no argument has."""


def _renamed(field: str, inputs: dict[str, type]) -> str:
    [problem] = on_arguments(InvalidRequest([Problem(field, "non")]), **inputs).problems
    assert problem.message == "non"
    return problem.field


def _paths(inputs: dict[str, type]) -> set[str]:
    """The argument paths of the fields of these input types, in the exported schema."""
    paths = set()
    for argument, input_type in inputs.items():
        graphql_type = SCHEMA.type_map[input_type.__name__]
        assert isinstance(graphql_type, GraphQLInputObjectType)
        paths |= {f"{argument}.{name}" for name in graphql_type.fields}
    return paths


def _arguments(type_name: str, field: str) -> set[str]:
    graphql_type = SCHEMA.type_map[type_name]
    assert isinstance(graphql_type, GraphQLObjectType)
    return set(graphql_type.fields[field].args)


def test_every_field_of_a_search_of_formations_is_named_as_in_the_schema() -> None:
    request = catalogue_pb2.SearchFormationsRequest.DESCRIPTOR

    found = {_renamed(field.name, SEARCH) for field in request.fields if field.name not in INTERNAL_FIELDS}

    assert found == _paths(SEARCH) | _arguments("SearchResult", "formations") - {"filters"}


@pytest.mark.parametrize(
    ("request_type", "list_field"),
    [
        (matcha_pb2.SearchBesoinsRequest, "besoins"),
        (jobs_pb2.SearchOffresRequest, "offres"),
        (prediction_pb2.SearchRecruteursRequest, "recruteurs"),
    ],
)
def test_every_field_of_a_search_of_employers_is_named_as_in_the_schema(
    request_type: type[matcha_pb2.SearchBesoinsRequest], list_field: str
) -> None:
    fields = [field.name for field in request_type.DESCRIPTOR.fields if field.name not in INTERNAL_FIELDS]

    assert {_renamed(field, SEARCH) for field in fields} <= _paths(SEARCH) | _arguments(
        "SearchResult", list_field
    )


@pytest.mark.parametrize(
    ("request_type", "input_type"),
    [
        (matcha_pb2.CreateBesoinRequest, CreateBesoinInput),
        (rdv_pb2.BookRendezVousRequest, BookRendezVousInput),
    ],
)
def test_every_field_of_a_mutation_is_named_as_in_the_schema(
    request_type: type[matcha_pb2.CreateBesoinRequest], input_type: type
) -> None:
    inputs = {"input": input_type}

    assert {_renamed(field.name, inputs) for field in request_type.DESCRIPTOR.fields} == _paths(inputs)


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("romes[3]", "criteria.romes[3]"),
        ("zone.rayon_km", "criteria.zone.rayonKm"),
        ("niveau", "criteria.niveau"),
        ("niveaux[0]", "filters.niveaux[0]"),
        ("first", "first"),
        ("request", "request"),
    ],
)
def test_a_path_inside_a_field_is_translated(field: str, path: str) -> None:
    assert _renamed(field, SEARCH) == path


def test_a_field_of_a_mutation_is_inside_its_input() -> None:
    assert _renamed("lieu.code_postal", {"input": CreateBesoinInput}) == "input.lieu.codePostal"


def test_without_an_input_type_every_field_is_an_argument() -> None:
    assert _renamed("code_postal", {}) == "codePostal"

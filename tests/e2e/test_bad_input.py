from __future__ import annotations

from typing import Any

import pytest

from tests.support.api import PARIS_30_KM, Api

ZONE = """query Q($zone: ZoneInput) { search(criteria: {romes: ["D1102"], zone: $zone})
  { formations { totalCount } } }"""


def _fields(answer: dict[str, Any]) -> set[str]:
    return {problem["field"] for error in answer["errors"] for problem in error["extensions"]["problems"]}


@pytest.mark.parametrize(
    ("zone", "field"),
    [
        ({"around": {"latitude": 48.8, "longitude": 2.3, "rayonKm": -1}}, "criteria.zone.around.rayonKm"),
        ({"around": {"latitude": 48.8, "longitude": 2.3, "rayonKm": 201}}, "criteria.zone.around.rayonKm"),
        ({"around": {"latitude": 100, "longitude": 2.3, "rayonKm": 10}}, "criteria.zone.around.latitude"),
        ({"around": {"latitude": 48.8, "longitude": 181, "rayonKm": 10}}, "criteria.zone.around.longitude"),
        ({"commune": {"insee": "00000", "rayonKm": 10}}, "criteria.zone.commune.insee"),
        ({"departement": "96"}, "criteria.zone.departement"),
        ({"region": "99"}, "criteria.zone.region"),
        ({"france": False}, "criteria.zone.france"),
    ],
)
async def test_a_wrong_zone_is_refused_by_its_field(api: Api, zone: dict[str, Any], field: str) -> None:
    answer = await api.post(ZONE, zone=zone)

    assert answer["data"] == {"search": None}
    assert _fields(answer) == {field}


async def test_every_problem_of_a_search_is_said_at_once(api: Api) -> None:
    answer = await api.post(
        """query Q($zone: ZoneInput) { search(criteria: {romes: ["D9999", "boulanger"], zone: $zone}) {
             formations(first: 10000) { totalCount } offres(first: -1) { totalCount } } }""",
        zone={"around": {"latitude": 100, "longitude": 2.3, "rayonKm": -1}},
    )

    assert _fields(answer) == {
        "criteria.romes[0]",
        "criteria.romes[1]",
        "criteria.zone.around.latitude",
        "criteria.zone.around.rayonKm",
        "formations.first",
        "offres.first",
    }


async def test_a_page_of_ten_thousand_is_refused(api: Api) -> None:
    answer = await api.post(
        '{ search(criteria: {romes: ["D1102"]}) { employeurs(first: 10000) { totalCount } } }'
    )

    assert _fields(answer) == {"first"}


async def test_empty_criteria_are_refused(api: Api) -> None:
    assert _fields(await api.post("{ search(criteria: {}) { formations { totalCount } } }")) == {"criteria"}


LISTS = ("formations", "offres", "besoins", "recruteurs", "employeurs")


@pytest.mark.parametrize("name", LISTS)
async def test_a_cursor_is_of_its_own_list_only(api: Api, name: str) -> None:
    search = (await api.data(CURSOR % name, zone=PARIS_30_KM))["search"]
    cursor = search[name]["pageInfo"]["endCursor"]

    for other in set(LISTS) - {name}:
        answer = await api.post(AFTER % other, c=cursor, zone=PARIS_30_KM)
        assert _fields(answer) == {"after"}, other
    assert "errors" not in await api.post(AFTER % name, c=cursor, zone=PARIS_30_KM)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("cursor", ["ailleurs", "é", "W10", "\x00", "A" * 10_000])
async def test_what_is_no_cursor_is_refused_by_name(api: Api, name: str, cursor: str) -> None:
    answer = await api.post(AFTER % name, c=cursor, zone=PARIS_30_KM)

    assert answer["data"] == {"search": {name: None}}
    assert _fields(answer) == {"after"}


@pytest.mark.parametrize("name", LISTS)
async def test_a_cursor_of_another_search_is_refused(api: Api, name: str) -> None:
    query = f"""query Q($rome: String!, $after: String, $zone: ZoneInput) {{
      search(criteria: {{romes: [$rome], zone: $zone}}) {{ {name}(first: 1, after: $after) {{
        pageInfo {{ endCursor }} }} }} }}"""
    found = (await api.data(query, rome="D1102", zone=PARIS_30_KM))["search"][name]

    answer = await api.post(query, rome="G1602", zone=PARIS_30_KM, after=found["pageInfo"]["endCursor"])

    assert _fields(answer) == {"after"}


CURSOR = """query Q($zone: ZoneInput) { search(criteria: {romes: ["D1102"], zone: $zone}) {
  %s(first: 1) { pageInfo { endCursor } } } }"""
AFTER = """query Q($c: String, $zone: ZoneInput) { search(criteria: {romes: ["D1102"], zone: $zone}) {
  %s(first: 1, after: $c) { totalCount } } }"""


@pytest.mark.parametrize(
    ("id_", "code"),
    [
        ("Rm9ybWF0aW9uOm5vbmU=", "NOT_FOUND"),
        ("T2ZmcmU6bm9uZQ==", "NOT_FOUND"),
        ("QmVzb2luTWF0Y2hhOm5vbmU=", "NOT_FOUND"),
        ("RXRhYmxpc3NlbWVudDoxMjM0NTY3ODkwMTIzNA==", "NOT_FOUND"),
        ("UmVjcnV0ZXVyUHJvYmFibGU6MTIzNDU2Nzg5MDEyMzQ=", "NOT_FOUND"),
        ("nothing of ours", "BAD_USER_INPUT"),
    ],
)
async def test_an_unknown_id_is_refused(api: Api, id_: str, code: str) -> None:
    answer = await api.post("query Q($id: ID!) { node(id: $id) { id } }", id=id_)

    assert answer["data"] == {"node": None}
    assert answer["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize("texte", ["", " ", "x" * 101])
async def test_a_text_that_is_no_search_is_refused(api: Api, texte: str) -> None:
    for field in ("metiers", "communes"):
        answer = await api.post(f"query Q($t: String!) {{ {field}(texte: $t) {{ __typename }} }}", t=texte)
        assert _fields(answer) == {"texte"}


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ('rome(code: "Z9999")', "BAD_USER_INPUT"),
        ('rome(code: "N9999")', "NOT_FOUND"),
        ('commune(insee: "Paris")', "BAD_USER_INPUT"),
        ('commune(insee: "00000")', "BAD_USER_INPUT"),
        ('commune(insee: "75130")', "NOT_FOUND"),
    ],
)
async def test_a_code_that_nothing_has_is_refused(api: Api, field: str, code: str) -> None:
    answer = await api.post(f"{{ {field} {{ __typename }} }}")

    assert list(answer["data"].values()) == [None]
    assert answer["errors"][0]["extensions"]["code"] == code

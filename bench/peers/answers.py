"""Sends one request to a gateway, and compares its answer with the expected one."""

from __future__ import annotations

import asyncio
import http.client
from typing import Any

import orjson

from bench.typical.answers import formations, recruteurs
from bench.typical.ours import QUERY
from bench.typical.plain import schema
from protos import catalogue_pb2, prediction_pb2

# Tailcall writes an unknown level as this member, the other gateways as null.
_UNKNOWN = "NIVEAU_UNSPECIFIED"


class RecordedServices:
    """Gives the two recorded answers without a network."""

    async def formations(self) -> catalogue_pb2.SearchFormationsResponse:
        return formations()

    async def recruteurs(self) -> prediction_pb2.SearchRecruteursResponse:
        return recruteurs()


def expected() -> Any:
    """The answer of graphql-core to the query, from the recorded answers of the services."""
    result = asyncio.run(schema(caches=False).execute(QUERY, context_value=RecordedServices()))
    assert not result.errors, result.errors
    return result.data


def post(port: int, path: str, body: bytes) -> tuple[int, bytes]:
    """Status and body of the answer. Raises OSError or HTTPException when there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def problem(status: int, body: bytes, expected_data: Any) -> str:
    """The first problem of an answer; empty when there is none."""
    if status != 200:
        return f"status {status}: {body[:300]!r}"
    answer = orjson.loads(body)
    if answer.get("errors"):
        return f"errors: {answer['errors'][0]['message'][:300]}"
    found = difference(without_zeros(answer.get("data")), without_zeros(expected_data))
    return f"not the expected answer at {found}" if found else ""


def without_zeros(value: Any) -> Any:
    """The value without the members that are null, false or an unknown level.

    Mesh has no default values, so it writes null for a false that is absent from the encoded message.
    """
    if isinstance(value, dict):
        return {name: without_zeros(member) for name, member in value.items() if not _is_zero(member)}
    return [without_zeros(row) for row in value] if isinstance(value, list) else value


def _is_zero(member: Any) -> bool:
    return member is None or member is False or member == _UNKNOWN


def difference(left: Any, right: Any, at: str = "data") -> str:
    """The path to the first difference between two JSON values; empty when they are equal."""
    if isinstance(left, dict) and isinstance(right, dict):
        for name in {**left, **right}:
            if found := difference(left.get(name), right.get(name), f"{at}.{name}"):
                return found
        return ""
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = enumerate(zip(left, right, strict=True))
        return next((found for row, pair in pairs if (found := difference(*pair, f"{at}[{row}]"))), "")
    return "" if left == right else at

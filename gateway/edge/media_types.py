"""Chooses the media type of an answer from the Accept header of its request.

https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types
https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
"""

from __future__ import annotations

import re

JSON = "application/json"
"""For clients that know no other media type; most errors have the status 200."""

GRAPHQL_RESPONSE = "application/graphql-response+json"

_RANGE = re.compile(r"""(?:[^,"]|"[^"]*")+""")
"""One media range with its parameters, which may hold quoted commas."""
_WEIGHT = re.compile(r";\s*q=([01](?:\.[0-9]{0,3})?)\s*(?:;|$)", re.IGNORECASE)


def answer_type(accept: str) -> str:
    """GRAPHQL_RESPONSE if the header names it with a weight not below that of JSON, else JSON."""
    weights = weights_of(accept)
    asked = weights.get(GRAPHQL_RESPONSE, 0.0)
    # The most specific range gives the weight.
    legacy = next((weights[name] for name in (JSON, "application/*", "*/*") if name in weights), 0.0)
    return GRAPHQL_RESPONSE if asked and asked >= legacy else JSON


def weights_of(header: str) -> dict[str, float]:
    """The weight of each choice that a header lists, by its name in lower case; 1 where none is given."""
    return {_name(each): _weight(each) for each in _RANGE.findall(header)}


def _name(media_range: str) -> str:
    return media_range.partition(";")[0].strip().lower()


def _weight(media_range: str) -> float:
    found = _WEIGHT.search(media_range)
    return float(found[1]) if found else 1.0

"""The scalars of dates, instants and addresses, which are strings in the contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from gateway.execution.texts import as_text

Date = NewType("Date", str)
DateTime = NewType("DateTime", str)
URL = NewType("URL", str)


def _text_scalar(name: str, url: str, description: str) -> ScalarDefinition:
    # As input, a scalar refuses only what is no string. The service that owns the field checks the rest
    # together with all other fields, so that one answer names every problem.
    return strawberry.scalar(
        name=name, description=description, specified_by_url=url, serialize=as_text, parse_value=as_text
    )


SCALARS: Mapping[object, ScalarDefinition] = {
    Date: _text_scalar(
        "Date",
        "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        "Un jour, « full-date » de la RFC 3339 : « 2027-09-01 ».",
    ),
    DateTime: _text_scalar(
        "DateTime",
        "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        "Un instant, « date-time » de la RFC 3339, décalage compris : « 2027-09-01T09:30:00Z ».",
    ),
    URL: _text_scalar(
        "URL",
        "https://url.spec.whatwg.org/",
        "Une adresse absolue, http ou https : « https://www.francecompetences.fr/ ».",
    ),
}
"""The `scalar_map` of the schema's configuration."""

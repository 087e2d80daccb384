"""A position in a merged list, and its cursor, which the gateway makes and checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, TypeAdapter

from gateway.search.identity import HASH_CHARS
from services.common.cursor import decode_cursor, encode_cursor

MAX_SEEN = 100

_Seen = Annotated[str, Field(pattern=rf"^([A-Za-z0-9_-]{{{HASH_CHARS}}}){{0,{MAX_SEEN}}}$")]
_KEY = TypeAdapter(tuple[str, str, str, _Seen])


@dataclass(frozen=True, slots=True)
class Position:
    """A position in the list of one search in one order; `digest` identifies both."""

    digest: str
    cursors: tuple[str, str, str] = ("", "", "")
    """The cursor of each source, in the order of PRIORITY; empty for a source not read yet."""
    seen: tuple[str, ...] = ()
    """Hashes of the needs shown already: their employers are not shown again as probable recruiters."""


def encode_position(position: Position) -> str:
    """The cursor of a position."""
    return encode_cursor(position.digest, (*position.cursors, "".join(position.seen)))


def decode_position(digest: str, cursor: str) -> Position:
    """The position in a cursor; the start of the list for an empty one.

    Raises InvalidRequest when it is no cursor of this list. Each source checks its own cursor in it.
    """
    if not cursor:
        return Position(digest)
    besoins, offres, recruteurs, seen = decode_cursor(cursor, digest, _KEY)
    hashes = tuple(seen[start : start + HASH_CHARS] for start in range(0, len(seen), HASH_CHARS))
    return Position(digest, (besoins, offres, recruteurs), hashes)

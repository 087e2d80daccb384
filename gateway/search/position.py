"""Where a merged list stands, and its cursor: the gateway makes it, so the gateway judges it."""

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
    """Of the list of one search in one order, which `digest` names."""

    digest: str
    cursors: tuple[str, str, str] = ("", "", "")
    """Of each source, in the order of PRIORITY; empty for one that was not read yet."""
    seen: tuple[str, ...] = ()
    """Hashes of the published needs already shown, so that their employers are not shown again as
    probable recruiters.
    """


def encode_position(position: Position) -> str:
    """The cursor of a position."""
    return encode_cursor(position.digest, (*position.cursors, "".join(position.seen)))


def decode_position(digest: str, cursor: str) -> Position:
    """The position in a cursor; the start of the list for none.

    Raises InvalidRequest when it is no cursor of this list. The sources judge their own cursors in it.
    """
    if not cursor:
        return Position(digest)
    besoins, offres, recruteurs, seen = decode_cursor(cursor, digest, _KEY)
    hashes = tuple(seen[start : start + HASH_CHARS] for start in range(0, len(seen), HASH_CHARS))
    return Position(digest, (besoins, offres, recruteurs), hashes)

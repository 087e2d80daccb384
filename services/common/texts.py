"""Reading texts that come from outside, and showing them again."""

from __future__ import annotations

import re

# `\d`, str.isdigit and int know the digits of every script. 18 of them fit in 64 bits.
_WHOLE_NUMBER = re.compile(r"[0-9]{1,18}")
_SHOWN_CHARS = 40


def whole_number(text: str) -> int | None:
    """The number that a text of ASCII digits writes; None for any other text."""
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else None


def quoted(text: str) -> str:
    """The text between French quotation marks, cut when it is long."""
    shown = text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
    return f"« {shown} »"

"""Reads texts of foreign input, and quotes them in messages."""

from __future__ import annotations

import re

# `\d`, str.isdigit and int accept digits of every script. 18 digits fit in 64 bits.
_WHOLE_NUMBER = re.compile(r"[0-9]{1,18}")
_SHOWN_CHARS = 40


def whole_number(text: str) -> int | None:
    """The number in a text of ASCII digits; None for any other text."""
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else None


def quoted(text: str) -> str:
    """The text between French quotation marks, cut when it is long."""
    shown = text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
    return f"« {shown} »"

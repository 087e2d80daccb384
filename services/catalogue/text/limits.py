"""The limits on a typed text. They bound its cost, and are far beyond what a person types."""

from __future__ import annotations

MAX_TEXT_CHARS = 200
"""Longest text of a search; a longer one is refused."""

MAX_SUGGESTION_CHARS = 100
"""Longest text to suggest for; a longer one is refused."""

MAX_WORDS = 12
"""The words of a text that count, from its start; later ones are ignored.

The limits above don't bound the words, because folding turns one character into several: "㎯" into
"rad s2".
"""

MAX_COMPARED = 3_000
"""The known words that one text is compared with to find typing mistakes.

A comparison takes less than 1 µs. The most that one real or misspelt name of a commune needs is 2,300.
"""

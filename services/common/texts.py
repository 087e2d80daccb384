"""The one rule for texts that people write and others read, whatever the service.

`normalised` gives the form that is checked, stored and compared; `fault_of` says what a text may not hold:

- characters that nobody sees: controls, format characters, fillers, private and unassigned code points;
- bidirectional controls, which show a text in another order than it is read
  (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing);
- more than two marks on one letter, or more marks than letters (identifiers of any script have four at most:
  https://www.unicode.org/reports/tr39/#Optional_Detection; our texts need two);
- HTML: tags, comments and character references;
- ways to get in touch, in names and titles (`services/common/contact_details.py`).

Emoji keep their joiners and selectors (https://www.unicode.org/reports/tr51/#Emoji_Sequences), except in the
name of a person. Pictures of a later Unicode than Python's are accepted too.
"""

from __future__ import annotations

import html
import re
import unicodedata
from enum import StrEnum
from html.entities import html5

from services.common.contact_details import address_in, domain_in

# `\d`, str.isdigit and int accept digits of every script. 18 digits fit in 64 bits.
_WHOLE_NUMBER = re.compile(r"[0-9]{1,18}")
_SHOWN_CHARS = 40

_LINE_END = re.compile(r"\r\n?|[\u2028\u2029]")
# The space separators (Zs).
_BLANK = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_SPACES = re.compile(f"[{_BLANK}]+")
_LINE_ENDS = "\r\n\t\u2028\u2029"
_EDGES = _BLANK + _LINE_ENDS
_USUAL_SPACES = ("\u00a0", "\u202f")
_USUAL_BLANKS = (*_USUAL_SPACES, "\n", "\r", "\t")
_MAX_MARKS = 2

# https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# What Default_Ignorable_Code_Point has beside format characters, and the empty braille pattern:
# https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
_BLANKS = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_PICTURE = (
    r"[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff"
    r"\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
# Of the sequences with tags, only the flags of England, Scotland and Wales are in use.
_ELEMENT = (
    r"(?:\U0001f3f4\U000e0067\U000e0062"
    r"(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)"
    rf"\U000e007f|{_PICTURE}[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]?|[#*0-9]\ufe0f?\u20e3)"
)
_EMOJI = re.compile(rf"{_ELEMENT}(?:\u200d{_ELEMENT})*")

# Where a browser begins a tag, a comment or a declaration: https://html.spec.whatwg.org/#tag-open-state.
# A tag that is not closed counts when an attribute can do something; "prix<coût" is no tag.
_TAG = re.compile(
    r"</?[a-z][^<>]*>"
    r"|<[a-z][\w:-]*[\s/][^<>]*?\b(?:on\w+|src|srcset|href|style|action|formaction|data)\s*="
    r"|<!--|<![a-z\[]|<\?[a-z]|<script",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"&(?:#x?[0-9a-f]{2,6};?|([a-z][a-z0-9]+);|[lg]t(?![a-z0-9]))", re.IGNORECASE)

_UNSEEN = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"))

MENDED = "a text with unseen characters or HTML: mended"
"""The correction that an import reports."""


class Kind(StrEnum):
    """What a text is for, which decides what it may hold."""

    NAME = "NAME"
    """First or last name of a person: one line, with a letter."""
    TITLE = "TITLE"
    """One line that is shown alone, with a letter or a digit, and no way to get in touch."""
    LABEL = "LABEL"
    """Name of an organisation or of a place: as a title, but it may be a domain (BOOKING.COM)."""
    DESCRIPTION = "DESCRIPTION"
    """Many lines; links and addresses are allowed."""


def whole_number(text: str) -> int | None:
    """The number in a text of ASCII digits; None for any other text."""
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else None


def quoted(text: str) -> str:
    """The text between French quotation marks, cut when it is long; unseen characters by their numbers."""
    shown = text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
    return f"«\u00a0{''.join(_visible(char) for char in shown)}\u00a0»"


def normalised(text: str, kind: Kind) -> str:
    """The text in the form NFC, without blanks around it.

    In a line each run of spaces is one space. In a description each end of line is a newline character.
    """
    composed = unicodedata.normalize("NFC", text)
    if kind is Kind.DESCRIPTION:
        return _LINE_END.sub("\n", composed).strip(_EDGES)
    return _SPACES.sub(" ", composed).strip(_EDGES)


def fault_of(text: str, kind: Kind) -> str | None:
    """Why a normalised text is refused, for people, in French; None for a right text."""
    seen = text if kind is Kind.NAME else _EMOJI.sub("\u25a1", text)
    return (
        _unseen_fault(seen, kind)
        or _marks_fault(seen)
        or _html_fault(text)
        or _contact_fault(text, kind)
        or _empty_fault(text, kind)
    )


def mended(text: str, kind: Kind) -> str:
    """The normalised text of a file or of a partner, without HTML and unseen characters.

    References of HTML are read as their characters, and a tag as a space. The controls from U+0080 to U+009F
    are read as the characters of Windows-1252 that they come from.
    """
    before = None
    while before != text:
        before = text
        text = _TAG.sub(" ", html.unescape(text))
        if not _is_plain(text, kind):
            text = _without_unseen(text, kind)
        text = normalised(text, kind)
    return text


def mend_text(cell: str, kind: Kind, corrections: list[str]) -> str:
    """The mended text of a cell. `corrections` says so once, unless only blanks or the form NFC changed."""
    text = mended(cell, kind)
    if text != normalised(" ".join(cell.split()), kind) and MENDED not in corrections:
        corrections.append(MENDED)
    return text


def _visible(char: str) -> str:
    return f"<U+{ord(char):04X}>" if _is_unseen(char) else char


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN or bool(_BLANKS.match(char))


def _unseen_fault(text: str, kind: Kind) -> str | None:
    multiline = kind is Kind.DESCRIPTION
    for char in text:
        if char in "\n\t" and multiline:
            continue
        if char in _LINE_ENDS:
            return "tient sur une seule ligne, sans tabulation"
        if char in _BIDI:
            return (
                f"contient un caractère qui change le sens de lecture (U+{ord(char):04X})\u00a0; enlevez-le"
            )
        if unicodedata.category(char) in ("Co", "Cn", "Cs"):
            return f"contient un caractère inconnu (U+{ord(char):04X})\u00a0; enlevez-le"
        if _is_unseen(char):
            return (
                f"contient un caractère invisible ou de contrôle (U+{ord(char):04X})\u00a0; "
                "enlevez-le, ou tapez le texte au lieu de le coller"
            )
    return None


def _marks_fault(text: str) -> str | None:
    run = total = 0
    for char in text:
        is_mark = unicodedata.category(char) in ("Mn", "Me")
        run, total = (run + 1 if is_mark else 0), total + is_mark
        if run > _MAX_MARKS:
            return f"contient un signe chargé de plus de {_MAX_MARKS} accents\u00a0; enlevez-les"
    if total > len(text) - total:
        return "contient plus d'accents que de lettres\u00a0; enlevez-les"
    return None


def _html_fault(text: str) -> str | None:
    # Compatibility forms of < and & become these characters in whatever normalises the text further.
    plain = unicodedata.normalize("NFKC", text)
    found = _TAG.search(plain) or next(filter(_is_reference, _REFERENCE.finditer(plain)), None)
    if found is None:
        return None
    return f"contient du HTML (par exemple {quoted(found[0])})\u00a0; écrivez le texte seul, sans balise"


def _is_reference(match: re.Match[str]) -> bool:
    return match[1] is None or f"{match[1]};" in html5


def _contact_fault(text: str, kind: Kind) -> str | None:
    if kind is Kind.DESCRIPTION:
        return None
    found = address_in(text) or (None if kind is Kind.LABEL else domain_in(text))
    if found is None:
        return None
    return (
        "contient une adresse de courriel, un lien ou un numéro de téléphone "
        f"({quoted(found)})\u00a0; enlevez-le"
    )


def _empty_fault(text: str, kind: Kind) -> str | None:
    if not text or kind is Kind.DESCRIPTION:
        return None
    if kind is Kind.NAME:
        return None if any(char.isalpha() for char in text) else "ne contient aucune lettre"
    return None if any(char.isalnum() for char in text) else "ne contient ni lettre ni chiffre"


def _is_plain(text: str, kind: Kind) -> bool:
    """Whether every character is seen, in a text with usual blanks; faster than a look at each character."""
    for blank in _USUAL_BLANKS if kind is Kind.DESCRIPTION else _USUAL_SPACES:
        text = text.replace(blank, "")
    return text.isprintable() and not _BLANKS.search(text)


def _without_unseen(text: str, kind: Kind) -> str:
    kept: list[str] = []
    end = 0
    for emoji in () if kind is Kind.NAME else _EMOJI.finditer(text):
        kept += [*(_imported(char, kind) for char in text[end : emoji.start()]), emoji[0]]
        end = emoji.end()
    return "".join([*kept, *(_imported(char, kind) for char in text[end:])])


def _imported(char: str, kind: Kind) -> str:
    if char in _LINE_ENDS:
        return char if kind is Kind.DESCRIPTION else " "
    if "\x80" <= char <= "\x9f":
        return char.encode("latin-1").decode("cp1252", "ignore")
    return "" if _is_unseen(char) else char

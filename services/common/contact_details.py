"""Finds ways to get in touch in a text: e-mail addresses, links and telephone numbers, also disguised ones.

Full-width letters, `[at]`, `arobase`, `(point)` and `hxxp` are read as what they stand for. A word with a dot
is a domain only if its end is one of `_ENDINGS`: "Node.js", "M. Dupont" and "apprenti.e" are none.
"""

from __future__ import annotations

import re
import unicodedata

# Endings that French sites have. Those that end words of inclusive writing (.es, .se, .re, .ne) and those
# that are French words or towns (.de, .paris) are left out: people forget the space after a dot.
_ENDINGS = (
    "fr|com|net|org|eu|io|info|biz|bzh|corsica|app|dev|me|tv|co|ch|be|lu|uk|us|ca|ru|cn|gp|mq|gf|yt|nc|pf|pm|wf|"
    "shop|store|online|site|website|xyz|club|mobi|gouv|ly|gl|gle|link|page|top|click|jobs|work|cc|ws|tk|to|pro"
)
# Names of software and of diplomas that look like domains.
_NO_DOMAINS = frozenset(("asp.net", "vb.net", "ado.net", "ml.net", "paint.net", "bac.pro", "socket.io"))

_DOMAIN = re.compile(rf"(?<![\w.])[\w-]+(?:\.[\w-]+)*\.(?:{_ENDINGS})(?![\w-])")
_EMAIL = re.compile(r"[^\s@]{1,64}\s?@\s?[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"\bh(?:tt|xx)ps?\s?\[?:\S*|\b[a-z][a-z0-9+.-]{0,20}://\S*|\bmailto:\S*")
_WWW = re.compile(r"\bwww\d?\s?\.\s?\w")

# The signs between two groups of digits are the same in a number; a date and a year after it are not.
_PAIRS = re.compile(r"(?<!\d)0[1-9]([ ./_-]{0,3})\d\d(?:\1\d\d){3}(?!\d)")
_SPACED = re.compile(r"(?<!\d)0[1-9](?:\s?\d){8}(?!\d)")
_ONE_BY_ONE = re.compile(r"(?<!\d)0(?:[ ./_-]\d){9}(?!\d)")
_INTERNATIONAL = re.compile(
    r"(?:\+|(?<!\d)00)[ .]?[1-9]\d{0,2}[ ./-]{0,3}(?:\(0\))?(?:[ ./()-]{0,3}\d){8,12}(?!\d)"
)

_AT = re.compile(r"\s*(?:[\[({<]\s*(?:at|arobase|@)\s*[\])}>]|\barobase\b)\s*")
_DOT = re.compile(r"\s*[\[({<]\s*(?:dot|point|\.)\s*[\])}>]\s*")


def address_in(text: str) -> str | None:
    """An e-mail address, a link or a telephone number in the text; None without."""
    plain = _plain(text)
    for shape in (_EMAIL, _LINK, _PAIRS, _SPACED, _ONE_BY_ONE, _INTERNATIONAL):
        found = shape.search(plain)
        if found:
            return found[0]
    return None


def domain_in(text: str) -> str | None:
    """The name of a site in the text, with or without `www.`; None without."""
    plain = _plain(text)
    names = (match[0] for match in _DOMAIN.finditer(plain))
    found = next((name for name in names if name not in _NO_DOMAINS), None)
    www = _WWW.search(plain)
    return www[0] if found is None and www else found


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("。", ".")
    return _DOT.sub(".", _AT.sub("@", folded))

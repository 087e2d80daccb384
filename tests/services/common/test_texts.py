from __future__ import annotations

import pytest

from services.common.texts import Kind, fault_of, normalised, quoted, whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("9" * 18, 10**18 - 1),
        ("", None),
        ("-1", None),
        ("1.0", None),
        (" 1", None),
        ("1\n", None),
        ("1_000", None),
        ("١٢", None),
        ("²", None),
        ("9" * 5000, None),
    ],
)
def test_whole_number_is_of_ascii_digits(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_long_text_is_quoted_by_its_beginning() -> None:
    assert quoted("D1102") == "« D1102 »"
    assert quoted("a" * 40) == f"« {'a' * 40} »"
    assert quoted("a" * 41) == f"« {'a' * 40}… »"


def test_unseen_characters_are_quoted_by_their_numbers() -> None:
    assert quoted("73282932000074\u200b") == "«\u00a073282932000074<U+200B>\u00a0»"
    assert quoted("a\u202eb") == "«\u00a0a<U+202E>b\u00a0»"


LINES = [Kind.NAME, Kind.TITLE, Kind.LABEL]
EVERY = list(Kind)
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


def _fault(text: str, kind: Kind) -> str | None:
    return fault_of(normalised(text, kind), kind)


RIGHT = {
    Kind.NAME: [
        "O'Connor",
        "d'Arc",
        "Jean-Éric",
        "N'Diaye",
        "M. Dupont",
        "Smith, Jr.",
        "Nguyễn Thị",
        "李",
        "عمر",
        "שָׁלוֹם",
    ],
    Kind.TITLE: [
        "Développeur Node.js",
        "ASP.NET",
        "M. Dupont",
        "St. Malo",
        "vendeur.se",
        "apprenti.e.s",
        "R&D",
        "Marks&Spencer; R&D;",
        "C++ & Java",
        "<3 la cuisine",
        "salaire < 1800 €",
        "prix<coût",
        "a < b > c",
        "01/02/2027 - 30/06/2027",
        "24 000 € - 30 000 €",
        "Boulanger ☀️",
        "👩‍🍳 Chef",
        "1️⃣ poste",
        f"{ENGLAND} Anglais",
    ],
    Kind.LABEL: ["BOOKING.COM", "1700", "2 + 2", "@COM.GASCOGNE", "4 rue d'Arc"],
    Kind.DESCRIPTION: [
        "",
        "...",
        "Bonjour,\n\t- voir https://exemple.fr ou a@exemple.fr, 06 12 34 56 78",
        "👨‍👩‍👧‍👦 ❤️‍🔥 🏳️‍🌈 ✌🏽 \U0001fae8",
    ],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in RIGHT.items() for text in texts])
def test_what_people_rightly_write_is_accepted(kind: Kind, text: str) -> None:
    assert _fault(text, kind) is None


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize(
    ("char", "reason"),
    [
        ("\x00", "invisible"),
        ("\x0b", "invisible"),
        ("\x1b", "invisible"),
        ("\x7f", "invisible"),
        ("\x92", "invisible"),
        ("\u00ad", "invisible"),
        ("\u200b", "invisible"),
        ("\u200c", "invisible"),
        ("\u200d", "invisible"),
        ("\u2060", "invisible"),
        ("\ufeff", "invisible"),
        ("\ufe0f", "invisible"),
        ("\u034f", "invisible"),
        ("\u3164", "invisible"),
        ("\u2800", "invisible"),
        ("\U000e0041", "invisible"),
        ("\U000e0100", "invisible"),
        ("\u061c", "sens de lecture"),
        ("\u200e", "sens de lecture"),
        ("\u202e", "sens de lecture"),
        ("\u2066", "sens de lecture"),
        ("\ue000", "inconnu"),
        ("\ufdd0", "inconnu"),
        ("\uffff", "inconnu"),
        ("\U0010fffd", "inconnu"),
        ("\ud800", "inconnu"),
    ],
)
def test_character_that_nobody_sees_is_refused_by_its_number(kind: Kind, char: str, reason: str) -> None:
    fault = _fault(f"Ana{char}Silva", kind)

    assert fault is not None
    assert reason in fault
    assert f"U+{ord(char):04X}" in fault


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize(
    "text",
    [
        "Ana <b>Silva</b>",
        "Ana </p>",
        "Ana <br/>",
        "Ana <script",
        "<img src=x onerror=alert(1) Ana",
        "<x onclick = y Ana",
        "Ana <!-- Silva",
        "Ana <!DOCTYPE html",
        "Ana <?php Silva",
        "Ana &lt;b&gt;",
        "Ana &nbsp; Silva",
        "Ana &eacute;",
        "Ana &#60;b",
        "Ana &#x3c; b",
        "Ana &lt b",
        "Ana ＜b＞",
        "Ana ﹤b﹥",
    ],
)
def test_html_is_refused(kind: Kind, text: str) -> None:
    fault = _fault(text, kind)

    assert fault is not None
    assert "HTML" in fault


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("text", ["Z\u0317\u0318\u0319algo", "Z\u0317\u0318a\u0317\u0318l\u0317\u0318"])
def test_flood_of_marks_is_refused(kind: Kind, text: str) -> None:
    fault = _fault(text, kind)

    assert fault is not None
    assert "accents" in fault


@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\t", "\u2028", "\u2029"])
def test_line_has_no_end_of_line_and_no_tab(kind: Kind, end: str) -> None:
    assert _fault(f"Ana{end}Silva", kind) == "tient sur une seule ligne, sans tabulation"
    assert _fault(f"Ana{end}Silva", Kind.DESCRIPTION) is None


@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize("text", ["---", "...", "!?", "🔥🔥", "_", "«\u00a0»"])
def test_line_of_signs_alone_is_refused(kind: Kind, text: str) -> None:
    assert _fault(text, kind) is not None
    assert _fault("", kind) is None


def test_name_of_a_person_has_a_letter_and_no_picture_of_several_characters() -> None:
    assert _fault("123", Kind.NAME) == "ne contient aucune lettre"
    assert _fault("Ana ❤️", Kind.NAME) is not None


@pytest.mark.parametrize(
    ("kind", "accepts"),
    [(Kind.NAME, False), (Kind.TITLE, False), (Kind.LABEL, True), (Kind.DESCRIPTION, True)],
)
def test_domain_is_the_name_of_an_organisation_only(kind: Kind, accepts: bool) -> None:
    assert (_fault("exemple.fr", kind) is None) is accepts


@pytest.mark.parametrize("text", ["ana@exemple.fr", "06 12 34 56 78", "https://exemple.fr"])
def test_way_to_get_in_touch_is_told_in_lines_only(text: str) -> None:
    for kind in LINES:
        fault = _fault(f"Ana {text}", kind)
        assert fault is not None
        assert text in fault
    assert _fault(text, Kind.DESCRIPTION) is None


@pytest.mark.parametrize(
    ("text", "line", "description"),
    [
        ("  Ana \u00a0 Silva\u3000", "Ana Silva", "Ana \u00a0 Silva"),
        ("e\u0301te\u0301", "été", "été"),
        ("\r\n a\r\nb\rc\u2028d\n", "a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("ﬁn", "ﬁn", "ﬁn"),
    ],
)
def test_normal_form_is_nfc_with_single_spaces_or_plain_ends_of_line(
    text: str, line: str, description: str
) -> None:
    assert normalised(text, Kind.TITLE) == line
    assert normalised(text, Kind.DESCRIPTION) == description

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.table import read_rows
from services.common.texts import MENDED, Kind, fault_of, mend_text, mended, normalised, quoted

EVERY = list(Kind)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CONDUITE D\x92UN ELEVAGE", "CONDUITE D’UN ELEVAGE"),
        ("RESTAURANT AGA  E&amp;F", "RESTAURANT AGA E&F"),
        ("a\u200bb\ufeff", "ab"),
        ("a\u3164b\u2800c", "abc"),
        ("Droit\nMention :\tEconomie\n", "Droit Mention : Economie"),
        ("&amp;lt;b", "<b"),
        ("du <b>pain</b><br/>frais &lt;script&gt;", "du pain frais"),
        ("R&D, salaire < 1800 €", "R&D, salaire < 1800 €"),
        ("☀️ Été", "☀️ Été"),
    ],
)
def test_imported_text_is_mended(text: str, expected: str) -> None:
    assert mended(text, Kind.TITLE) == expected


def test_correction_is_told_once_and_not_for_blanks() -> None:
    corrections: list[str] = []

    assert mend_text("  Cafe\u0301 \n de\u00a0 Paris ", Kind.TITLE, corrections) == "Café de Paris"
    assert corrections == []
    for _ in range(2):
        assert mend_text("A&amp;B", Kind.LABEL, corrections) == "A&B"
    assert corrections == [MENDED]


anything = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\u200d\ufe0f\u202e\u0301\u0317<>&;#@./ \n\r\t\u00a0\u2028☀❤👩🏽0é1\u20e3\U000e0067"),
    ),
    max_size=60,
)


@given(anything, st.sampled_from(EVERY))
def test_normal_and_mended_forms_are_final(text: str, kind: Kind) -> None:
    normal, whole = normalised(text, kind), mended(text, kind)

    assert normalised(normal, kind) == normal
    assert unicodedata.is_normalized("NFC", normal)
    assert mended(whole, kind) == whole
    assert normalised(whole, kind) == whole


@given(anything, st.sampled_from(EVERY))
def test_accepted_text_has_nothing_unseen_outside_emoji(text: str, kind: Kind) -> None:
    normal = normalised(text, kind)
    if fault_of(normal, kind) is None:
        unseen = {char for char in normal if unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs")}
        emoji = set("\u200d") | {chr(code) for code in range(0xE0020, 0xE0080)}
        assert unseen <= (set("\n\t") if kind is Kind.DESCRIPTION else set()) | emoji
        assert not {"\u202e", "\u200b"} & set(normal)
        assert quoted(normal)


@given(anything, st.sampled_from(EVERY))
def test_mended_text_has_no_unseen_character_nor_html(text: str, kind: Kind) -> None:
    fault = fault_of(mended(text, kind), kind) or ""

    assert "U+" not in fault
    assert "HTML" not in fault or not unicodedata.is_normalized("NFKC", text)
    assert "une seule ligne" not in fault


@pytest.mark.parametrize(
    ("file", "delimiter", "columns", "kind"),
    [
        ("communes.csv", ",", ("nom",), Kind.LABEL),
        ("entreprises.csv", ",", ("raison_sociale", "enseigne"), Kind.LABEL),
        ("etablissements.csv", ",", ("entreprise_raison_sociale", "enseigne"), Kind.LABEL),
        ("formations.csv", ",", ("intitule", "diplome"), Kind.TITLE),
        ("appellations.csv", ";", ("libelle_appellation_court",), Kind.TITLE),
    ],
)
def test_every_name_and_title_of_the_real_data_is_accepted(
    real_data: Path, file: str, delimiter: str, columns: tuple[str, ...], kind: Kind
) -> None:
    texts = {row[name] for _, row in read_rows(real_data, file, columns, delimiter) for name in columns}

    wrong = {text: fault for text in texts if (fault := fault_of(mended(text, kind), kind))}
    as_given = {text for text in texts if fault_of(normalised(text, kind), kind)}

    assert wrong == {}
    # References of HTML and ends of lines inside a title: faults of the files, which the import mends.
    assert len(as_given) <= 10

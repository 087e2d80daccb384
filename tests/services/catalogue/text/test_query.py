from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.criteria import EXACT, FUZZIER, FUZZY, PREFIX, SYNONYM, TextQuery
from services.catalogue.formation import Formation
from services.catalogue.tables import Tables
from services.catalogue.text.analyser import Analyser
from services.catalogue.text.formation_tokens import count_tokens
from services.catalogue.text.query import expand
from services.catalogue.text.similar import Comparisons
from services.catalogue.text.synonyms import BadSynonym, Synonyms, read_synonyms
from services.catalogue.text.vocabulary import Vocabulary
from tests.support.catalogue.oracle import index_formations
from tests.support.catalogue.small_france import formation
from tests.support.work import calls_made_by

ANALYSER = Analyser()
COUNTS = {
    "boulang": 300,
    "bouch": 90,
    "cuisin": 200,
    "coifeur": 40,
    "coifur": 60,
    "veterinair": 5,
    "restauration": 200,
    "resourc": 50,
    "humain": 50,
    "rh": 3,
    "cap": 900,
    "capa": 100,
    "sanitair": 40,
    "75001": 10,
    "75011": 30,
    "electricien": 30,
}
SYNONYMS = Synonyms(
    [
        "# comment",
        "formation, métier >",
        "resto > restauration",
        "rh, ressources humaines",
        "plombier > sanitaire",
        "coiffeur > coiffure",
        "aide cuisine > cuisine, absent",
    ],
    ANALYSER,
)


def read(texte: str) -> TextQuery | None:
    return expand(texte, ANALYSER, Vocabulary(COUNTS), SYNONYMS)


def groups(texte: str) -> list[dict[str, int]]:
    query = read(texte)
    assert query is not None
    assert query.match_all
    return [{each.token: each.factor for each in group} for group in query.groups]


@pytest.mark.parametrize(
    ("texte", "expected"),
    [
        ("Boulangère CAP", [{"boulang": EXACT}, {"cap": EXACT}]),
        ("cap cap", [{"cap": EXACT}]),
        # The last word may be a prefix, unless it is a common word.
        ("boul", [{"boulang": PREFIX}]),
        ("boulangeri", [{"boulang": PREFIX}]),
        ("750", [{"75001": PREFIX, "75011": PREFIX}]),
        ("boul cap", [{"cap": EXACT}]),
        ("veterinair", [{"veterinair": EXACT}]),
        # Mistakes are corrected where the word has no exact meaning.
        ("bolanger", [{"boulang": FUZZY}]),
        ("cuisnier cap", [{"cuisin": FUZZY}, {"cap": EXACT}]),
        ("veterinere cap", [{"veterinair": FUZZIER}, {"cap": EXACT}]),
        ("bpa cap", [{"cap": EXACT}]),
        # Synonyms apply in both directions, or in one.
        ("resto", [{"restauration": SYNONYM}]),
        ("coiffeuse", [{"coifeur": EXACT, "coifur": SYNONYM}]),
        ("coiffure", [{"coifur": EXACT}]),
        ("plombier", [{"sanitair": SYNONYM}]),
        ("plonbier", [{"sanitair": FUZZIER}]),
        ("rh", [{"rh": EXACT, "resourc": SYNONYM}, {"rh": EXACT, "humain": SYNONYM}]),
        ("ressource humaine", [{"resourc": EXACT, "rh": SYNONYM}, {"humain": EXACT, "rh": SYNONYM}]),
        ("aide cuisine", [{"cuisin": SYNONYM}]),
        # Words without meaning are left out, unless the text has no other.
        ("formation de boulanger", [{"boulang": EXACT}]),
    ],
)
def test_text_is_read(texte: str, expected: list[dict[str, int]]) -> None:
    assert groups(texte) == expected


@pytest.mark.parametrize("texte", ["", "  ", "le la", "—"])
def test_text_without_words_is_no_text(texte: str) -> None:
    assert read(texte) is None


@pytest.mark.parametrize("texte", ["xyzzy", "formation", "zzzzzzzzzzzz qqqqqqqqqqqq"])
def test_text_that_nothing_looks_like_finds_nothing(texte: str) -> None:
    assert read(texte) == TextQuery((), match_all=False)


@given(st.text(max_size=200))
def test_any_text_can_be_read(texte: str) -> None:
    query = read(texte)

    if query is not None:
        assert all(group for group in query.groups)
        assert {each.token for group in query.groups for each in group} <= set(COUNTS)


@pytest.mark.parametrize("line", ["a, > b", ", mco", "le > cap"])
def test_line_without_words_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(BadSynonym, match="line 2"):
        Synonyms(["cuisine, cuisinier", line], ANALYSER)


def test_longer_phrase_wins() -> None:
    synonyms = Synonyms(["petite > a1", "petite enfance > b2"], ANALYSER)

    assert synonyms.longest_match(ANALYSER.tokens("petite enfance cap")) == (2, [("b2",)])
    assert synonyms.longest_match(ANALYSER.tokens("petite cap")) == (1, [("a1",)])
    assert synonyms.longest_match(ANALYSER.tokens("cap petite")) == (0, [])


def test_vocabulary_counts_trainings() -> None:
    counts = count_tokens(
        index_formations([formation("a", "Maçon maçon (CAP)"), formation("b", "Maçonnerie")])
    )

    assert counts["macon"] == 2
    assert counts["cap"] == 1


def test_completions_are_the_commonest_first() -> None:
    vocabulary = Vocabulary({"cap": 9, "capa": 2, "capacit": 5, "car": 7})

    assert vocabulary.completions("cap", 5) == ["capacit", "capa"]
    assert vocabulary.completions("cap", 1) == ["capacit"]
    assert vocabulary.completions("z", 5) == []


def test_lookalikes_are_the_nearest_first() -> None:
    vocabulary = Vocabulary({"boulang": 1, "coulang": 9, "boulanx": 5, "b1": 1})

    assert vocabulary.similar_tokens(["boulang"], 9, Comparisons()) == [
        ("boulang", 0),
        ("boulanx", 1),
        ("coulang", 1),
    ]
    assert vocabulary.similar_tokens(["b1", "bou"], 9, Comparisons()) == []


@pytest.fixture(scope="module")
def real_vocabulary(real_import: tuple[list[Formation], Tables]) -> Vocabulary:
    return Vocabulary(count_tokens(index_formations(real_import[0])))


@pytest.mark.parametrize(
    ("texte", "token"),
    [
        ("bts mco", "mco"),
        ("cap aepe", "aepe"),
        ("gpme", "gpme"),
        ("sp3s", "spsss"),
        ("infermier", "infirm"),
        ("esteticienne", "estheticien"),
        ("plombier chauffagiste", "sanitair"),
        ("nounou", "enfanc"),
        ("chauffeur de bus", "transport"),
        ("compta", "comptabl"),
    ],
)
def test_what_people_type_leads_to_what_is_written(
    real_vocabulary: Vocabulary, texte: str, token: str
) -> None:
    query = expand(texte, ANALYSER, real_vocabulary, read_synonyms(ANALYSER))

    assert query is not None
    assert token in {each.token for group in query.groups for each in group}


def test_reading_does_not_go_through_the_vocabulary(real_vocabulary: Vocabulary) -> None:
    synonyms = read_synonyms(ANALYSER)
    worst = "vétérinère electrotecnicien comunnication boulengère menuisié patissrie chodronnier logistiqe"

    calls = calls_made_by(lambda: expand(worst, ANALYSER, real_vocabulary, synonyms))

    assert calls < 4_000  # The vocabulary has more than 6,000 tokens.

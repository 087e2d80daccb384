"""What the worst texts cost on the real data, in calls and comparisons, which depend on no machine."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from bench.responsiveness.worst_texts import WORST_TEXTS
from services.catalogue.formation import Formation
from services.catalogue.suggest.communes import CommuneSuggestions
from services.catalogue.suggest.metiers import MetierSuggestions
from services.catalogue.tables import Tables
from services.catalogue.text.analyser import Analyser
from services.catalogue.text.limits import MAX_SUGGESTION_CHARS, MAX_WORDS
from services.catalogue.text.query import expand
from services.catalogue.text.similar import Comparisons, SimilarWords
from services.catalogue.text.synonyms import read_synonyms
from services.catalogue.text.vocabulary import Vocabulary
from services.france.communes import Communes
from services.france.names import words
from tests.support.work import calls_made_by

MAX_CALLS = 10_000
"""About 3 ms. The communes have 193,000 prefixes, the jobs and diplomas 24,000."""


@pytest.fixture(scope="module")
def asks(real_import: tuple[list[Formation], Tables]) -> dict[str, Callable[[str], object]]:
    tables, analyser = real_import[1], Analyser()
    synonyms, vocabulary = read_synonyms(analyser), Vocabulary(tables.vocabulary)
    indexes = tables.suggestion_indexes()
    communes = CommuneSuggestions(Communes(tables.communes), indexes.communes)
    metiers = MetierSuggestions(tables.metiers, indexes.metiers, synonyms)
    return {
        "communes": lambda texte: communes.suggest(texte, 50),
        "metiers": lambda texte: metiers.suggest(texte, 50),
        "formations": lambda texte: expand(texte, analyser, vocabulary, synonyms),
    }


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["communes", "metiers", "formations"])
def test_any_text_costs_little(asks: dict[str, Callable[[str], object]], asked: str) -> None:
    calls = {
        name: calls_made_by(partial(asks[asked], texte[:MAX_SUGGESTION_CHARS]))
        for name, texte in WORST_TEXTS.items()
    }

    assert {name: count for name, count in calls.items() if count > MAX_CALLS} == {}


@pytest.mark.slow
def test_real_names_are_compared_in_full(real_import: tuple[list[Formation], Tables]) -> None:
    known = {word for each in real_import[1].communes for word in words(each.nom)}
    similar = SimilarWords(known, prefixes=True)
    cut_short = []
    for word in sorted(known)[::25]:
        comparisons = Comparisons()
        similar.near(word, comparisons)
        if not comparisons.left:
            cut_short.append(word)

    assert cut_short == []


def test_words_after_the_limit_do_not_count(asks: dict[str, Callable[[str], object]]) -> None:
    typed = "saint " * MAX_WORDS

    assert asks["communes"](typed + "zzzz") == asks["communes"](typed) != []


def test_repeated_word_is_looked_for_once(asks: dict[str, Callable[[str], object]]) -> None:
    once, again = (
        calls_made_by(partial(asks["communes"], "chateaux" + " montagne" * count)) for count in (2, 9)
    )

    assert again < once * 1.5

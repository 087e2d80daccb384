"""The French that people read: its spaces, and one word for one thing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.repository import REPOSITORY

ROOMS = ("gateway", "services", "deploy/sandbox")
SDL = REPOSITORY / "gateway" / "schema.graphql"

# English puts no space there, so any text may be looked at. `:=` and `!=` are code.
PLAIN_SPACE = re.compile(r"(?:^|\S) (?:[;?»]|[:!](?!=))|« ")
OTHER_WORD = re.compile(
    r"adresse (?:e-mail|électronique)|nom d'usage|nom légal|bout est inconnu", re.IGNORECASE
)
INFINITIVE = re.compile(
    r"(?:^|[;:.] )(?:en |l')?(?:ajout|attend|charg|cherch|chois|corrig|demand|donn|enlev|essay|gard|précis"
    r"|prend|rédui|réessay|reprend|utilis|vérifi)(?:er|ir|re)\b",
    re.IGNORECASE,
)
"""An instruction that does not say "vous": « obligatoire ; donner un nom »."""


def faults(text: str) -> list[str]:
    """What is wrong with a text, in the words that are wrong."""
    return [found for rule in (PLAIN_SPACE, OTHER_WORD, INFINITIVE) for found in rule.findall(text)]


def texts_of(source: str) -> Iterator[tuple[int, str]]:
    """The literals of a source with their lines, without its docstrings; an f-string is one of them."""
    tree = ast.parse(source)
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr | ast.JoinedStr | ast.FormattedValue)
        for part in ast.iter_child_nodes(node)
        if isinstance(part, ast.Constant | ast.JoinedStr)
    }
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(_written(part) for part in node.values)


def _written(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else "{}"


def sources() -> list[Path]:
    found = [path for room in ROOMS for path in (REPOSITORY / room).rglob("*.py")]
    assert len(found) > 100
    return sorted(found)


def test_texts_of_the_sources_are_written_as_french_is() -> None:
    wrong = [
        f"{path.relative_to(REPOSITORY)}:{line}: {fault!r} in {text!r}"
        for path in sources()
        for line, text in texts_of(path.read_text(encoding="utf-8"))
        for fault in faults(text)
    ]

    assert wrong == []


def test_descriptions_of_the_schema_are_written_as_french_is() -> None:
    lines = SDL.read_text(encoding="utf-8").splitlines()

    wrong = [(number, fault) for number, line in enumerate(lines, 1) for fault in faults(line.strip(' "'))]
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        "{} codes ; 50 au plus",
        "une lettre : D",
        " : ",
        "«\u00a0D1102 »",
        "« D1102\u00a0»",
        "vraiment ?",
        "Une adresse électronique",
        "Nom d'usage.",
        "absente si un bout est inconnu",
        "vide\u00a0; donner un nom",
        "inconnu\u00a0: en chercher un",
        "donner un nom",
    ],
)
def test_fault_is_found(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "«\u00a0D1102\u00a0» n'est pas un code\u00a0; donnez une lettre et 4 chiffres",
        "metiers(texte:) à 10:30, france: true",
        "({name} := {value}) != 3",
        "À donner à `bookRendezVous`.",
    ],
)
def test_right_text_has_no_fault(text: str) -> None:
    assert faults(text) == []


def test_docstrings_are_not_read_and_f_strings_are_read_whole() -> None:
    source = '"""Doc ; here."""\nx = f"{1} ; {2:>{3}}"\ny = ["a", "b" "c"]\n"""Of y ; here."""\n'

    assert sorted(texts_of(source)) == [(2, "{} ; {}"), (3, "a"), (3, "bc")]

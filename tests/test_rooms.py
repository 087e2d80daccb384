"""Every room says what lives there, and CONTRIBUTING has a line for it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.repository import REPOSITORY

ROOMS = sorted(
    path.parent.relative_to(REPOSITORY)
    for root in ("gateway", "services", "deploy")
    for path in (REPOSITORY / root).rglob("__init__.py")
)
LISTED = set(re.findall(r"^\| `([a-z_/]+)/` \|", (REPOSITORY / "CONTRIBUTING.md").read_text(), re.MULTILINE))


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_room_says_what_lives_there(room: Path) -> None:
    source = (REPOSITORY / room / "__init__.py").read_text()

    assert ast.get_docstring(ast.parse(source))


def test_every_room_has_a_line_in_contributing() -> None:
    within = {Path("services"), Path("deploy"), Path("deploy/local/engines/elasticsearch")}

    assert {str(room) for room in ROOMS if room not in within} <= LISTED


def test_every_line_of_contributing_is_a_folder() -> None:
    assert [name for name in sorted(LISTED) if not (REPOSITORY / name).is_dir()] == []

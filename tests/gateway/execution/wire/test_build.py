from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from gateway.execution import wire
from gateway.execution.wire import sources
from gateway.execution.wire.build import ToolMissing, build, is_fresh
from tests.support.wire.corpus import loaded_from, run, run_sanitized, sanitizer

pytestmark = pytest.mark.server


@pytest.fixture
def built(tmp_path: Path) -> Path:
    try:
        return build(tmp_path)
    except ToolMissing as reason:
        pytest.skip(f"there is nothing to build with: {reason}")


def test_a_build_is_fresh_as_long_as_the_sources_are_its_own(built: Path) -> None:
    assert is_fresh(built)

    built.write_bytes(built.read_bytes().replace(sources.digest().encode(), b"0" * 64))

    assert not is_fresh(built)
    assert [path.name for path in built.parent.iterdir()] == [sources.TARGET.name]


def test_a_build_of_other_sources_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    stale = ModuleType("_wire")
    stale.SOURCE_DIGEST = "0" * 64  # type: ignore[attr-defined]  # as the extension has it
    monkeypatch.setitem(sys.modules, "gateway.execution.wire._wire", stale)

    assert wire.load.__wrapped__() is None


def test_without_a_compiler_it_says_so_and_succeeds(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway.execution.wire.build", "--sanitize", str(tmp_path)],
        env={**os.environ, "CC": "no-such-compiler"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == (
        "wire: not built, the gateway runs without it: there is no compiler (no-such-compiler)\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_damaged_messages_are_refused_or_read_as_protobuf_reads_them(compiled: ModuleType) -> None:
    seen = run(compiled, cases=3000, seed=1)

    assert seen["equal"] > 600
    # protobuf accepts what a program refuses: two messages in one field, wrong wire types.
    assert seen["given up"] < 300


def test_a_build_without_sse2_gives_the_same_answers(built: Path) -> None:
    portable = build(built.parent / "portable", defines=("WIRE_PORTABLE",))

    assert run(loaded_from(portable.parent), cases=3000, seed=2)["equal"] > 600


def test_damaged_messages_stay_within_the_sanitizers(built: Path) -> None:  # noqa: ARG001 - it skips the test without a compiler
    library = sanitizer()
    if library is None:
        pytest.skip("gcc has no libasan here")

    done = run_sanitized(library, cases=2000, seed=3)

    assert done.returncode == 0, done.stderr
    assert "'equal'" in done.stdout

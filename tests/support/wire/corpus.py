"""Compares programs with the reference on many damaged messages.

`python -m tests.support.wire.corpus --cases 100000 [--seed N] [--sanitize]`. A program must write the same
bytes as the reference or refuse the message, and it must refuse what protobuf refuses. With --sanitize
the extension is built with the address and undefined behaviour sanitizers, which end the process at the
first fault.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

from google.protobuf.message import Message

from gateway.execution import wire
from gateway.execution.wire.build import build
from gateway.execution.wire.sources import TARGET
from protos import catalogue_pb2, jobs_pb2, matcha_pb2, prediction_pb2
from tests.support.wire.message_types import Choice, Everything, Wide
from tests.support.wire.mutations import delimited, mutate
from tests.support.wire.random_messages import fields_of, random_message, random_spec
from tests.support.wire.reference import Refused, one_object, reference

TYPES: list[type[Message]] = [
    catalogue_pb2.Formation,
    catalogue_pb2.Etablissement,
    catalogue_pb2.SearchFormationsResponse,
    prediction_pb2.RecruteurProbable,
    jobs_pb2.Offre,
    matcha_pb2.BesoinMatcha,
    Everything,
    Choice,
    Wide,
]

CASES_PER_PROGRAM = 50


class Different(AssertionError):
    """A program and the reference gave different answers."""


def outcome(call: Any, refusals: type[Exception], *args: Any) -> Any:
    """The result of a call, or None when it raises a refusal."""
    try:
        return call(*args)
    except refusals:
        return None


def run(module: ModuleType, cases: int, seed: int) -> Counter[str]:
    """Run the cases; counts those refused by the reference, equal, and given up by the program.

    Raises Different.
    """
    seen: Counter[str] = Counter()
    for group in range(-(-cases // CASES_PER_PROGRAM)):
        rng = Random(f"{seed} {group}")
        cls = rng.choice(TYPES)
        spec = random_spec(rng, cls.DESCRIPTOR)
        program, expected_of = module.Program(spec), reference(cls, spec)
        for data in _damaged_messages(rng, cls, min(CASES_PER_PROGRAM, cases - group * CASES_PER_PROGRAM)):
            expected = outcome(expected_of, Refused, data)
            given = outcome(one_object(program), module.NotAsPlanned, data)
            if given is not None and given != expected:
                raise Different(f"{cls.DESCRIPTOR.full_name}, {data!r}:\n{given!r}\n{expected!r}\n{spec}")
            _check_list(module, program, data, given)
            _check_split(module, rng, cls, data)
            seen["refused" if expected is None else "equal" if given is not None else "given up"] += 1
    return seen


def _damaged_messages(rng: Random, cls: type[Message], count: int) -> Iterator[bytes]:
    for index in range(count):
        if index % 10 == 0:
            # The concatenation of two messages is a valid message: protobuf merges them.
            parts = rng.choice([1, 1, 1, 2])
            whole = b"".join(random_message(rng, cls).SerializeToString() for _ in range(parts))
        yield mutate(rng, whole)


def _check_list(module: ModuleType, program: Any, data: bytes, given: Any) -> None:
    """Check that a list of two objects is written as the two objects in brackets."""
    listed = outcome(program.list, module.NotAsPlanned, [data, data])
    if listed != (None if given is None else b"[" + given + b"," + given + b"]"):
        raise Different(f"{data!r} in a list: {listed!r}")


def _check_split(module: ModuleType, rng: Random, cls: type[Message], data: bytes) -> None:
    """Check that the parts joined again make the same message, unless it is refused."""
    number = rng.choice(fields_of(cls.DESCRIPTOR)).number
    parts = outcome(module.split, module.NotAsPlanned, data, number)
    if parts is None:
        return
    rest, found = parts
    if len(found) and module.split(rest, number) != (rest, []):
        raise Different(f"{data!r} keeps a field {number}")
    again = rest + b"".join(delimited(number, each) for each in found)
    before, after = (outcome(cls.FromString, Exception, each) for each in (data, again))
    # Joining changes the order of the members of a oneof, of which the last one wins.
    in_oneof = cls.DESCRIPTOR.fields_by_number[number].containing_oneof
    if not in_oneof and _text(before) != _text(after):
        raise Different(f"{data!r} is not {parts}")


def _text(message: Message | None) -> bytes | None:
    # Unknown fields have no fixed order, so they are removed. Bytes are compared because NaN != NaN.
    if message is None:
        return None
    message.DiscardUnknownFields()
    return message.SerializeToString(deterministic=True)


def loaded_from(folder: Path) -> ModuleType:
    """The extension built in this folder."""
    name = "gateway.execution.wire._wire"
    spec = importlib.util.spec_from_file_location(name, folder / TARGET.name)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sanitizer() -> Path | None:
    """The library to preload for a sanitized extension; None when the compiler has none."""
    try:
        done = subprocess.run(
            ["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return None
    library = Path(done.stdout.strip())
    return library if library.is_absolute() and library.exists() else None


def run_sanitized(library: Path, cases: int, seed: int) -> subprocess.CompletedProcess[str]:
    """Run this module in another process, on an extension built with the sanitizers."""
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), sanitize=True)
        return subprocess.run(
            [
                sys.executable,
                "-m",
                __spec__.name,
                f"--cases={cases}",
                f"--seed={seed}",
                f"--extension={folder}",
            ],
            env={
                **os.environ,
                "LD_PRELOAD": str(library),
                "ASAN_OPTIONS": "detect_leaks=0",
                # With malloc, each object is an allocation of its own with guard zones around it.
                "PYTHONMALLOC": "malloc",
            },
            capture_output=True,
            text=True,
            check=False,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description="Damaged messages against the reference.")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--extension", type=Path, metavar="FOLDER", help="where another one was built")
    parser.add_argument("--sanitize", action="store_true")
    options = parser.parse_args()
    if options.sanitize:
        library = sanitizer()
        if library is None:
            sys.exit("gcc has no libasan here")
        done = run_sanitized(library, options.cases, options.seed)
        sys.stdout.write(done.stdout + done.stderr)
        return done.returncode
    module = loaded_from(options.extension) if options.extension else wire.load()
    if module is None:
        sys.exit("the extension is not built: python -m gateway.execution.wire.build")
    sys.stdout.write(f"{dict(run(module, options.cases, options.seed))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

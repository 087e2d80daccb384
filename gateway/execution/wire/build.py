"""Compiles the optional C extension: `python -m gateway.execution.wire.build`.

Without a compiler or Python's headers, it prints why nothing was built and exits with 0, since the gateway
also runs without the extension.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from gateway.execution.wire.sources import FOLDER, TARGET, digest, units

WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-pedantic"]
SANITIZERS = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]


class ToolMissing(Exception):
    """The compiler or Python.h is missing; the message says which."""


class BuildFailed(Exception):
    """The compiler failed; the message has its output."""


def build(folder: Path = FOLDER, *, sanitize: bool = False, defines: tuple[str, ...] = ()) -> Path:
    """Compile into the folder, and replace an earlier build. Raises ToolMissing or BuildFailed."""
    compiler = _compiler()
    include = Path(sysconfig.get_path("include"))
    if not (include / "Python.h").is_file():
        raise ToolMissing(f"Python's headers are not at {include}")
    folder.mkdir(parents=True, exist_ok=True)
    # Built in the same folder, so that the final rename is atomic.
    with tempfile.TemporaryDirectory(dir=folder, prefix=".build-") as scratch:
        output = Path(scratch) / TARGET.name
        command = [
            *compiler,
            *("-std=c11", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", *WARNINGS),
            *(["-undefined", "dynamic_lookup"] if sys.platform == "darwin" else []),
            *(SANITIZERS if sanitize else []),
            *(f"-D{name}" for name in defines),
            f'-DSOURCE_DIGEST="{digest()}"',
            # A system folder, so that the compiler reports no warning about its headers.
            *("-isystem", str(include), *map(str, units()), "-o", str(output)),
        ]
        completed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        if completed.returncode:
            raise BuildFailed(f"{compiler[0]} failed:\n{completed.stderr}")
        sys.stderr.write(completed.stderr)
        return output.replace(folder / TARGET.name)


def is_fresh(target: Path = TARGET) -> bool:
    """Whether the build has the digest of the present sources. File dates are not compared."""
    return target.is_file() and digest().encode() in target.read_bytes()


def _compiler() -> list[str]:
    words = shlex.split(os.environ.get("CC", "")) or ["cc"]
    found = shutil.which(words[0])
    if found is None:
        raise ToolMissing(f"there is no compiler ({words[0]})")
    return [found, *words[1:]]


def main() -> None:
    """Exits with an error only if the compiler fails."""
    parser = argparse.ArgumentParser(description="Compile the part of the gateway that is optional.")
    parser.add_argument("--sanitize", metavar="FOLDER", type=Path, help="build there, to be run under ASan")
    folder: Path | None = parser.parse_args().sanitize
    if folder is None and is_fresh():
        outcome = f"{TARGET.name} is up to date"
    else:
        try:
            outcome = f"built {build(folder or FOLDER, sanitize=folder is not None)}"
        except ToolMissing as reason:
            outcome = f"not built, the gateway runs without it: {reason}"
    sys.stdout.write(f"wire: {outcome}\n")


if __name__ == "__main__":
    main()

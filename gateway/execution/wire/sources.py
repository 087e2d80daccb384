"""The sources of the C extension, and the path of its build."""

from __future__ import annotations

import hashlib
import sysconfig
from pathlib import Path

FOLDER = Path(__file__).parent
TARGET = FOLDER / f"_wire{sysconfig.get_config_var('EXT_SUFFIX')}"


def units() -> list[Path]:
    """The compilation units."""
    return sorted(FOLDER.glob("*.c"))


def digest() -> str:
    """The hash of the sources, and of `layout.py`, whose tables they load.

    It is compiled into the extension, and compared when the extension is loaded.
    """
    sources = [*units(), *sorted(FOLDER.glob("*.h")), FOLDER / "layout.py"]
    texts = (path.name.encode() + b"\0" + path.read_bytes() for path in sources)
    return hashlib.sha256(b"\0".join(texts)).hexdigest()

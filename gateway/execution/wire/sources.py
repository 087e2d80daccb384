"""The sources of the compiled part, and where it is built."""

from __future__ import annotations

import hashlib
import sysconfig
from pathlib import Path

FOLDER = Path(__file__).parent
TARGET = FOLDER / f"_wire{sysconfig.get_config_var('EXT_SUFFIX')}"


def units() -> list[Path]:
    """What is compiled."""
    return sorted(FOLDER.glob("*.c"))


def digest() -> str:
    """What names these sources, and the layout that they load; it is compiled in, and compared when the
    module is loaded.
    """
    sources = [*units(), *sorted(FOLDER.glob("*.h")), FOLDER / "layout.py"]
    texts = (path.name.encode() + b"\0" + path.read_bytes() for path in sources)
    return hashlib.sha256(b"\0".join(texts)).hexdigest()

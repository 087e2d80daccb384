"""The state folder of a local installation, locked so that one run at a time uses it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.common.texts import whole_number


class StateUnusable(Exception):
    """The folder can't be written, or another run has locked it."""


@contextmanager
def locked_state(folder: Path) -> Iterator[None]:
    """Lock the folder during the block. The system releases the lock however this process ends.

    Raises StateUnusable.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+", encoding="ascii", errors="replace")
    except OSError as error:
        raise StateUnusable(
            f"the state folder {folder} can't be used: {error.filename}: {error.strerror} (STATE=)"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = whole_number(lock.read().strip())
            raise StateUnusable(
                f"the state folder {folder} is in use by the process {holder or '?'}: "
                "stop it, or take another folder (STATE=)"
            ) from None
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield

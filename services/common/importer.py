"""The command line of an importer: `python -m services.NAME.load --data DIR`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.common.errors import ServiceError, reason_of
from services.common.table import BadFile


def importer_parser(
    module: str, description: str | None, *, fictive: str, state: str = ""
) -> argparse.ArgumentParser:
    """The arguments of an importer.

    `fictive` is the help of --fictive, which every importer accepts. `state` is the setting of the service
    that names the folder to write to; without it there is no --state.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument("--data", type=Path, required=True, help="folder of the open data files")
    if state:
        parser.add_argument("--state", type=Path, required=True, help=f"folder to write to: {state}")
    parser.add_argument("--fictive", action="store_true", help=fictive)
    return parser


@contextmanager
def exit_on_failure() -> Iterator[None]:
    """Exit with one sentence if the files can't be read, or if nothing can be written."""
    try:
        yield
    except (BadFile, ServiceError, OSError) as error:
        # The timeout of a database has no message.
        sys.exit(f"nothing imported: {reason_of(error) if str(error) else 'the database is too slow'}")

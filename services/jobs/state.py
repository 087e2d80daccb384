"""The state folder of the service: the table of communes that its importer wrote."""

from __future__ import annotations

from pathlib import Path

from services.common.generation import Format, read_generation
from services.france.communes import Communes
from services.france.stored_communes import read_communes

FORMAT = Format("1", "python -m services.jobs.load")


def read_state(state: Path) -> Communes:
    """The communes that were imported last. Raises StateUnreadable."""
    return read_generation(state, FORMAT, read_communes)

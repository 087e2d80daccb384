"""Salvages what can be read of a damaged MongoDB folder, after a copy: `python -m deploy.local.repair`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy.local import plan
from deploy.local.data import LoadedData
from deploy.local.engines.mongod import MongodUnusable
from deploy.local.engines.mongod_repair import repair
from deploy.local.state import StateUnusable, locked_state


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.repair", description=__doc__)
    parser.add_argument("--state", type=Path, default=Path(".lba"), help="state folder of the run")
    state = parser.parse_args().state.expanduser().resolve()
    if not (state / "mongodb").is_dir():
        parser.error(f"{state / 'mongodb'} is no folder: there is nothing to repair (STATE=)")
    try:
        with locked_state(state):
            copy = repair(state / "mongodb")
            loaded = LoadedData(state / "loaded.json")
            for name in plan.ON_MONGODB:
                # What was imported may have been lost, and is imported again.
                loaded.forget(name)
    except (StateUnusable, MongodUnusable, OSError) as error:
        sys.exit(f"la-bonne-alternance: {error}")
    print(f"{state / 'mongodb'} holds what could be read; the folder as it was is {copy}")


if __name__ == "__main__":
    main()

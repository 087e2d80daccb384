"""`make run`: every process of La Bonne Alternance on this machine, with its data."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path

from deploy.local.system import CannotStart, Options, run
from protos.services import GATEWAY_PORT
from services.common.texts import whole_number


def main() -> None:
    try:
        asyncio.run(run(_options(), _print_line))
    except CannotStart as error:
        sys.exit("\n".join(f"la-bonne-alternance: {line}" for line in str(error).splitlines()))


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("--port", type=_port, default=GATEWAY_PORT, help="of the gateway")
    parser.add_argument("--state", type=Path, default=Path(".lba"), help="folder of everything that is kept")
    parser.add_argument("--data", default="", help="folder of open data; the demonstration set when empty")
    parser.add_argument("--engine", default="", help="elasticsearch; the embedded index when empty")
    parser.add_argument("--engines", default="", help="folder of downloaded engines; in the state when empty")
    parser.add_argument("--patience", type=float, default=180.0, help="seconds until all must be ready")
    parser.add_argument("--import-only", action="store_true", help="load the data and stop")
    args = parser.parse_args()
    state = args.state.expanduser().resolve()
    data = Path(args.data).expanduser().resolve() if args.data else None
    engines = Path(args.engines).expanduser().resolve() if args.engines else state / "engines"
    return Options(args.port, state, data, args.import_only, args.engine, engines, args.patience)


def _port(text: str) -> int:
    port = whole_number(text)
    if port is None or not 0 < port < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 1 to 65535 is (PORT=)")
    return port


def _print_line(text: str) -> None:
    # A reader that went away must not take the system with it.
    with contextlib.suppress(BrokenPipeError):
        print(text, flush=True)


if __name__ == "__main__":
    main()

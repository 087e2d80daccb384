"""Measures our gateway and its peers on the same query: requests per second, latency, CPU, memory.

    python -m bench.peers [--seconds 5] [--rounds 3] [--warm-up 15] [--only ours,plain] [--markdown]

Everything runs on this machine: the measured gateway on one core, the load generator and the services on
another. Only figures of the same run are comparable.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from bench.peers import answers, backend, measure, report
from bench.peers.load import require_wrk
from bench.peers.peers import PEERS, Peer
from bench.peers.processes import Cores, PeerUnavailable, two_cores

CONCURRENCIES = (1, 16, 64)
WARM_UP_CONCURRENCY = 16


def main() -> None:
    args = _arguments()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit("stopped"))
    require_wrk()
    # Progress goes to standard error, so that standard output has only the results.
    progress = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="bench-peers-") as folder, ExitStack() as stack:
        bench = Bench(Path(folder), two_cores(), progress, stack)
        bench.start(args.only)
        bench.warm_up(args.warm_up)
        tables = {
            concurrency: report.rows(bench.measure(concurrency, args.rounds, args.seconds))
            for concurrency in CONCURRENCIES
        }
    for concurrency, table in tables.items():
        if args.markdown:
            print(report.markdown(concurrency, table))
        else:
            # Without a terminal, the width must fit the table.
            report.show(Console(width=None if sys.stdout.isatty() else 160), concurrency, table)
    for title, reason in bench.excluded.items():
        progress.print(f"left out: {title}: {reason}", markup=False)


class Bench:
    """The running services and gateways."""

    def __init__(self, folder: Path, cores: Cores, progress: Console, stack: ExitStack) -> None:
        """`stack` stops everything that is started."""
        self._folder = folder
        self._cores = cores
        self._progress = progress
        self._stack = stack
        self._backend = stack.enter_context(
            backend.running_backend(_new_folder(folder / "services"), cores.load)
        )
        self._gateways: list[measure.Gateway] = []
        self.excluded: dict[str, str] = {}
        """The reason for each peer, by its title, that can't be measured."""

    def start(self, peers: list[Peer]) -> None:
        """Start each peer, and keep those that give the expected answer."""
        expected = answers.expected()
        for peer in peers:
            self._print(f"{peer.title}: starting")
            folder = self._folder / peer.name
            gateway = measure.running_gateway(peer, folder, self._backend, self._cores.gateway, expected)
            try:
                self._gateways.append(self._stack.enter_context(gateway))
            except PeerUnavailable as reason:
                self._exclude(peer.title, reason)

    def warm_up(self, seconds: int) -> None:
        """Load each gateway until just-in-time compilers have done their work."""
        for gateway in list(self._gateways):
            self._print(f"{gateway.peer.title}: warming up")
            try:
                gateway.load(core=self._cores.load, concurrency=WARM_UP_CONCURRENCY, seconds=seconds)
            except PeerUnavailable as reason:
                self._exclude(gateway.peer.title, reason)

    def measure(self, concurrency: int, rounds: int, seconds: int) -> report.Results:
        """Run the rounds of all gateways in turn, so that other work of the machine affects all alike."""
        done: dict[str, list[report.Round]] = {each.peer.title: [] for each in self._gateways}
        for number in range(rounds):
            for gateway in list(self._gateways):
                title = gateway.peer.title
                try:
                    one = measure.one_round(gateway, self._backend, self._cores, concurrency, seconds)
                except PeerUnavailable as reason:
                    self._exclude(title, reason)
                    continue
                done[title].append(one)
                self._print(f"at {concurrency}, round {number + 1}: {title}: {one.requests_per_s:,.0f}/s")
        return done

    def _exclude(self, title: str, reason: PeerUnavailable) -> None:
        self._print(f"{title}: left out: {reason}")
        self.excluded[title] = str(reason)
        self._gateways = [each for each in self._gateways if each.peer.title != title]

    def _print(self, text: str) -> None:
        self._progress.print(text, style="dim", markup=False, highlight=False)


def _new_folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--seconds", type=int, default=5, help="length of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--warm-up", type=int, default=15, help="seconds for each gateway before the rounds")
    names = ",".join(peer.name for peer in PEERS)
    parser.add_argument("--only", type=_peers, default=list(PEERS), help=f"of {names}")
    parser.add_argument("--markdown", action="store_true", help="tables as Markdown")
    return parser.parse_args()


def _peers(names: str) -> list[Peer]:
    by_name = {peer.name: peer for peer in PEERS}
    try:
        return [by_name[name] for name in names.split(",")]
    except KeyError as unknown:
        raise argparse.ArgumentTypeError(f"no peer {unknown}") from unknown


if __name__ == "__main__":
    main()

"""Imports the open data: `python -m services.catalogue.load --data DIR --state DIR [--fictive]`.

With CATALOGUE_ELASTICSEARCH_URL the data goes to that cluster, and --state is not needed. The
running service switches to the new data by itself. If the import fails, the old data is still
served. --rollback serves the previous data again.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from services.catalogue.engine.elasticsearch.destination import ElasticsearchDestination
from services.catalogue.engine.tantivy.destination import FolderDestination
from services.catalogue.importing.data_folder import Import
from services.catalogue.importing.destination import (
    REJECTED,
    Destination,
    Edition,
    Manifest,
    NothingToRollBack,
    manifest_of,
)
from services.catalogue.importing.formations import Origin
from services.catalogue.settings import ElasticsearchSettings
from services.catalogue.text.analyser import Analyser
from services.catalogue.text.formation_tokens import count_tokens, index_formation
from services.common.errors import UpstreamUnavailable, reason_of
from services.common.report import ImportConsole, write_rejections
from services.common.settings import load_settings
from services.common.table import BadFile
from services.france.clock import today_in_paris

REAL_SOURCE = "Catalogue Carif-Oref (export de novembre 2020)"
FICTIVE_SOURCE = "Jeu de démonstration (données fictives)"

_FEWEST = 0.7
"""A file with a smaller share of the number of trainings served now is refused."""


class FarFewerRows(Exception):
    """The file has so few trainings that it is probably incomplete; the message gives both numbers."""


def read_edition(work: Import, console: ImportConsole) -> Edition:
    """The imported data, with the search tokens for the engines. Raises BadFile."""
    formations, tables = work.read()
    libelles = {rome.code: rome.libelle for rome in tables.romes}
    analyser = Analyser()
    indexed = [
        index_formation(each, libelles, analyser)
        for each in console.track(formations, "analysis", len(formations))
    ]
    tables = replace(tables, vocabulary=count_tokens(indexed), indexes=tables.suggestion_indexes())
    return Edition(indexed, tables, manifest_of(indexed, tables), work.reports)


async def load(
    work: Import, destination: Destination, console: ImportConsole, *, force: bool = False
) -> bool:
    """Publish the data folder; returns False if the same content is served already.

    Raises BadFile, FarFewerRows or UpstreamUnavailable, and then nothing has changed. With `force`,
    the content is published without comparing it with the content served now.
    """
    # This comes first, so that an import to a destination that does not answer ends before any work.
    live = await destination.live()
    edition = read_edition(work, console)
    if not force:
        if live == edition.manifest:
            return False
        _check_size(edition.manifest, live)
    await destination.publish(edition, console)
    return True


def _check_size(new: Manifest, live: Manifest | None) -> None:
    if live is not None and new.formations < _FEWEST * live.formations:
        raise FarFewerRows(
            f"the data has {new.formations} trainings and {live.formations} are served now: "
            f"less than {_FEWEST:.0%}. If the data is right, load it with --force"
        )


async def _load(arguments: argparse.Namespace, destination: Destination, output: Console) -> None:
    began = time.perf_counter()
    console = ImportConsole(output)
    origin = Origin(FICTIVE_SOURCE if arguments.fictive else REAL_SOURCE, arguments.fictive, today_in_paris())
    work = Import(arguments.data, origin, console)
    failure = ""
    try:
        changed = await load(work, destination, console, force=arguments.force)
    except (BadFile, FarFewerRows, OSError, UpstreamUnavailable) as error:
        failure = reason_of(error)
    for report in work.reports:
        console.show(report)
    _write_rejections(arguments, work, failure, output)
    if failure:
        sys.exit(f"import failed, nothing has changed: {failure}")
    done = "loaded" if changed else "already loaded, nothing has changed (--force loads it again): read"
    output.print(f"  catalogue {done} in {time.perf_counter() - began:.1f} s")


def _write_rejections(arguments: argparse.Namespace, work: Import, failure: str, output: Console) -> None:
    path = arguments.report or (arguments.state or Path()) / REJECTED
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_rejections(path, work.reports, failure)
    except OSError as error:
        # The report does not decide whether the import succeeded.
        output.print(f"  rejected rows could not be written: {error}", markup=False)
    else:
        output.print(f"  rejected rows: {path}", markup=False)


async def _roll_back(destination: Destination, output: Console) -> None:
    try:
        manifest = await destination.rollback()
    except (NothingToRollBack, OSError, UpstreamUnavailable) as error:
        sys.exit(f"rollback failed, nothing has changed: {error}")
    output.print(f"  rolled back: {manifest.formations} trainings are served; --rollback again undoes it")


async def _run(arguments: argparse.Namespace, output: Console) -> None:
    destination = _destination(arguments.state)
    try:
        if arguments.rollback:
            await _roll_back(destination, output)
        else:
            await _load(arguments, destination, output)
    finally:
        await destination.close()


def _destination(state: Path | None) -> Destination:
    settings = load_settings(ElasticsearchSettings)
    if settings.elasticsearch_hosts:
        return ElasticsearchDestination(settings)
    if state is None:
        sys.exit("--state is needed, or CATALOGUE_ELASTICSEARCH_URL in the environment")
    return FolderDestination(state)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.catalogue.load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, help="folder of the open data files")
    parser.add_argument("--state", type=Path, help="folder of the service (CATALOGUE_STATE)")
    parser.add_argument("--fictive", action="store_true", help="mark the rows as fictitious")
    parser.add_argument(
        "--force",
        action="store_true",
        help="load even what is served already, or has far fewer trainings than what is served",
    )
    parser.add_argument("--rollback", action="store_true", help="serve the previous data again")
    where = f"rejected rows, as CSV (default: {REJECTED} in --state, or in the current folder)"
    parser.add_argument("--report", type=Path, metavar="FILE", help=where)
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.rollback == (arguments.data is not None):
        parser.error("give either --data DIR or --rollback")
    output = Console(stderr=True, highlight=False, soft_wrap=True)
    asyncio.run(_run(arguments, output))


if __name__ == "__main__":
    main()

"""Decides which data must be loaded again, and runs the importers."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import orjson
from pydantic import TypeAdapter

from deploy.local.child import Child
from deploy.local.plan import Importer
from deploy.local.processes import exit_reason

REQUIRED_FILES = (
    *("formations.csv", "etablissements.csv", "entreprises.csv", "communes.csv", "romes.csv"),
    *("appellations.csv", "rome_mobilite.csv", "domaines_metiers.json", "rncp.csv", "cfd.csv", "naf.csv"),
    *("naf_rome_embauches.csv", "idcc_opco.csv", "synonymes.json"),
)
"""The files of a data folder; each may be gzipped."""

_STOP_GRACE_S = 5.0

_FINGERPRINTS = TypeAdapter(dict[str, str])


class ImportFailed(Exception):
    """An importer failed, and the data that it had loaded before is kept; or it left no data."""


def data_problems(folder: Path) -> list[str]:
    """All reasons why the folder can't be loaded; empty when it can."""
    if not folder.is_dir():
        return [f"{folder} is not a folder (DATA=)"]
    missing = [name for name in REQUIRED_FILES if not _exists(folder, name)]
    return [f"{folder} lacks {', '.join(missing)} (DATA=)"] if missing else []


def _exists(folder: Path, name: str) -> bool:
    return (folder / name).is_file() or (folder / f"{name}.gz").is_file()


def digest_files(files: Iterable[Path], root: Path) -> str:
    """The SHA-256 of the contents and of the names relative to `root`, in hexadecimal."""
    digest = hashlib.sha256()
    for path in sorted(files):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


class LoadedData:
    """Stores in a file, for each importer, the fingerprint of the data that it loaded last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fingerprints = _read_fingerprints(path)

    def pending(self, importers: Iterable[Importer], data: Path) -> list[tuple[Importer, str]]:
        """The importers whose data or code has changed, with the fingerprint to store after the import."""
        data_digest = digest_files((path for path in data.iterdir() if path.is_file()), data)
        fingerprints = [(importer, _fingerprint(importer, data_digest)) for importer in importers]
        return [
            (importer, fingerprint)
            for importer, fingerprint in fingerprints
            if self._fingerprints.get(importer.name) != fingerprint or not importer.product.exists()
        ]

    def forget(self, importer: Importer) -> None:
        """Remove the fingerprint before an import, so that an interrupted import runs again."""
        self._fingerprints.pop(importer.name, None)
        self._write()

    def remember(self, importer: Importer, fingerprint: str) -> None:
        self._fingerprints[importer.name] = fingerprint
        self._write()

    def _write(self) -> None:
        partial = self._path.with_name(f"{self._path.name}.partial")
        partial.write_bytes(orjson.dumps(self._fingerprints, option=orjson.OPT_INDENT_2))
        partial.replace(self._path)


def _read_fingerprints(path: Path) -> dict[str, str]:
    try:
        return _FINGERPRINTS.validate_json(path.read_bytes())
    except (FileNotFoundError, ValueError):
        # Damaged, or of another version: everything is imported again.
        return {}


def _fingerprint(importer: Importer, data_digest: str) -> str:
    code = [digest_files(folder.rglob("*.py"), folder) for folder in importer.sources]
    fictive = "fictive" if "--fictive" in importer.command else ""
    return hashlib.sha256("\n".join([data_digest, fictive, importer.engine, *code]).encode()).hexdigest()


async def run_importers(
    pending: Iterable[tuple[Importer, str]], loaded: LoadedData, notify: Callable[[str], None]
) -> None:
    """Run the importers one after the other; their progress and reports go to our own output.

    Raises ImportFailed at the first failure. Cancellation stops the running importer.
    """
    for importer, fingerprint in pending:
        notify(f"== {importer.name}")
        sys.stdout.flush()
        loaded.forget(importer)
        importer.reports.parent.mkdir(exist_ok=True)
        importer.reports.unlink(missing_ok=True)
        child = Child(importer.command, importer.env)
        try:
            code = await child.wait()
        finally:
            await child.stop(_STOP_GRACE_S)
        if code != 0:
            raise ImportFailed(
                f"the import of {importer.name} failed ({exit_reason(code)}); "
                "the data that it had loaded before is kept"
            )
        if not importer.product.exists():
            raise ImportFailed(f"the import of {importer.name} ended well, but left no {importer.product}")
        loaded.remember(importer, fingerprint)

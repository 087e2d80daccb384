"""Which data is loaded, whether it must be loaded again, and running the importers."""

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

NEEDED = (
    *("formations.csv", "etablissements.csv", "entreprises.csv", "communes.csv", "romes.csv"),
    *("appellations.csv", "rome_mobilite.csv", "domaines_metiers.json", "rncp.csv", "cfd.csv", "naf.csv"),
    *("naf_rome_embauches.csv", "idcc_opco.csv", "synonymes.json"),
)
"""The files of a data folder; each may be gzipped."""

_STOP_GRACE_S = 5.0

_FINGERPRINTS = TypeAdapter(dict[str, str])


class ImportFailed(Exception):
    """An importer ended badly; what it had loaded before is still there."""


def data_problems(folder: Path) -> list[str]:
    """Why a folder can't be loaded, in full."""
    if not folder.is_dir():
        return [f"{folder} is not a folder (DATA=)"]
    missing = [name for name in NEEDED if not _present(folder, name)]
    return [f"{folder} lacks {', '.join(missing)} (DATA=)"] if missing else []


def _present(folder: Path, name: str) -> bool:
    return (folder / name).is_file() or (folder / f"{name}.gz").is_file()


def digest_files(files: Iterable[Path], root: Path) -> str:
    """Of names and contents: the same files give the same digest wherever they lie."""
    digest = hashlib.sha256()
    for path in sorted(files):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


class LoadedData:
    """Remembers in a file, for each importer, the fingerprint of what it loaded last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fingerprints = _read_fingerprints(path)

    def pending(self, importers: Iterable[Importer], data: Path) -> list[tuple[Importer, str]]:
        """Those that must run, with the fingerprint to remember: their data or their code changed."""
        of_data = digest_files((path for path in data.iterdir() if path.is_file()), data)
        fingerprints = [(importer, _fingerprint(importer, of_data)) for importer in importers]
        return [
            (importer, fingerprint)
            for importer, fingerprint in fingerprints
            if self._fingerprints.get(importer.name) != fingerprint or not importer.product.exists()
        ]

    def forget(self, importer: Importer) -> None:
        """Before it runs: killed half-way, it must run again whatever the data is then."""
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


def _fingerprint(importer: Importer, of_data: str) -> str:
    code = [digest_files(folder.rglob("*.py"), folder) for folder in importer.sources]
    fictive = "fictive" if "--fictive" in importer.command else ""
    return hashlib.sha256("\n".join([of_data, fictive, importer.engine, *code]).encode()).hexdigest()


async def run_importers(
    pending: Iterable[tuple[Importer, str]], loaded: LoadedData, tell: Callable[[str], None]
) -> None:
    """One after the other, each with its progress and its report on our own output.

    Raises ImportFailed at the first that fails. Cancelling stops the one that runs.
    """
    for importer, fingerprint in pending:
        tell(f"== {importer.name}")
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
        loaded.remember(importer, fingerprint)

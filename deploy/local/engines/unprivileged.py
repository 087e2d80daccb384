"""Runs programs that refuse to run as root under another account."""

from __future__ import annotations

import os
import pwd
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

# A change of user clears the death signal set by child.py (https://man7.org/linux/man-pages/man2/prctl.2.html),
# so it is set again. The parent may die between the two: its id is compared with the one at the start.
_LAUNCHER = """
import ctypes, os, sys
parent = os.getppid()
os.chdir("/")
os.setgroups([])
os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[1]))
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, int(sys.argv[3]))
if os.getppid() == parent:
    os.execv(sys.argv[4], sys.argv[4:])
"""


@dataclass(frozen=True)
class Account:
    """A user of this machine, with its primary group."""

    name: str
    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """The account to run programs under: `nobody` when we are root, None to keep our own."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def run_as(account: Account | None, words: list[str], death_signal: signal.Signals) -> list[str]:
    """The command that runs `words` under the account, with this signal at the death of the parent."""
    if account is None:
        return words
    numbers = (str(account.uid), str(account.gid), str(int(death_signal)))
    return [sys.executable, "-I", "-S", "-c", _LAUNCHER, *numbers, *words]


def reachable(path: Path, account: Account | None) -> bool:
    """Whether the account may traverse every parent folder of the path."""
    return account is None or all(_can_traverse(folder, account) for folder in path.resolve().parents)


def _can_traverse(folder: Path, account: Account) -> bool:
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & 0o100)
    return bool(status.st_mode & (0o010 if status.st_gid == account.gid else 0o001))


def change_owner(folder: Path, account: Account | None) -> None:
    """Make the account the owner of a folder and of its content, unless it already owns the folder."""
    if account is None or folder.stat().st_uid == account.uid:
        return
    for path in (*folder.rglob("*"), folder):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)

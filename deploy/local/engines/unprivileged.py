"""Running a program as somebody who is not root, for those that refuse to be root's."""

from __future__ import annotations

import os
import pwd
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

# A change of user makes Linux forget the signal asked for at the parent's death (see child.py): it is asked
# for again. Until then the first one holds, so a parent that is not ours any more died just now.
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
    """A user of this machine, with the group that is its own."""

    name: str
    uid: int
    gid: int


def substitute() -> Account | None:
    """Who runs in our place: `nobody` when we are root, None when we may do it ourselves."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def as_account(account: Account | None, words: list[str], death_signal: signal.Signals) -> list[str]:
    """The same command, run by the account; ended by the signal when the parent dies."""
    if account is None:
        return words
    numbers = (str(account.uid), str(account.gid), str(int(death_signal)))
    return [sys.executable, "-I", "-S", "-c", _LAUNCHER, *numbers, *words]


def reachable(path: Path, account: Account | None) -> bool:
    """Whether the account may go through every folder that leads there."""
    return account is None or all(_open_to(folder, account) for folder in path.resolve().parents)


def _open_to(folder: Path, account: Account) -> bool:
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & 0o100)
    return bool(status.st_mode & (0o010 if status.st_gid == account.gid else 0o001))


def give(folder: Path, account: Account | None) -> None:
    """Make the account the owner of a folder and of all that it holds, unless it is already."""
    if account is None or folder.stat().st_uid == account.uid:
        return
    for path in (*folder.rglob("*"), folder):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)

"""Why mongod ended, from its log, and what a person can do: nothing imports again what people wrote."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

_SEVERE = ("E", "F")
_OF_STORAGE = ("WT", "STORAGE", "CONTROL", "NETWORK", "RECOVERY")
"""Components whose errors explain an end; that of commands tells of clients."""
_VERBOSE = re.compile(r"^.*?\[ERROR\]: \w+, \d+: ")


def failure_message(log: Path, dbpath: Path, otherwise: str) -> str:
    """What happened and what to do, for the terminal; `otherwise` when the log does not say what happened."""
    quoted, state = shlex.quote(str(dbpath)), shlex.quote(str(dbpath.parent))
    return (
        f"MongoDB can't work with {dbpath}: {last_error(log) or otherwise} [{log}]\n"
        "the folder holds appointments and needs, so it is left as it is; one of these mends it:\n"
        "  free space on its disk, when that is the reason\n"
        "  restore the folder from a copy\n"
        f"  python -m deploy.local.repair --state {state}   (keeps a copy, and what can be read)\n"
        f"  mv {quoted} {quoted}.damaged   (begins anew, without what people booked and posted)"
    )


def last_error(log: Path) -> str:
    """The first error of the last start, or empty: those after it are its consequences."""
    errors = [_error(event) for event in _events_of_last_start(log) if event.get("s") in _SEVERE]
    return next((error for error in errors if error), "")


def _events_of_last_start(log: Path) -> list[dict[str, Any]]:
    starts: list[list[dict[str, Any]]] = [[]]
    for event in _events(log):
        if event.get("msg") == "MongoDB starting":
            starts.append([])
        starts[-1].append(event)
    # A process that is started again after its end may have said nothing yet.
    return next((start for start in reversed(starts) if _has_error(start)), starts[-1])


def _has_error(events: list[dict[str, Any]]) -> bool:
    return any(event.get("s") in _SEVERE and _error(event) for event in events)


def _events(log: Path) -> Iterator[dict[str, Any]]:
    for line in log.read_bytes().splitlines() if log.is_file() else ():
        try:
            event = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(event, dict):
            yield event


def _error(event: dict[str, Any]) -> str:
    if event.get("c") not in _OF_STORAGE:
        return ""
    attributes = event.get("attr") or {}
    told = (
        attributes.get("message") or attributes.get("error") or attributes.get("reason") or event.get("msg")
    )
    if isinstance(told, dict):
        file = str(told.get("session_dhandle_name", "")).removeprefix("file:")
        text = str(told.get("msg") or told.get("errmsg") or told)
        told = f"{file}: {text}" if file and file not in text else text
    return " ".join(_VERBOSE.sub("", str(told)).split())[:300]

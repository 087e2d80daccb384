"""Functions that damage a file of a data folder, each in another way."""

from __future__ import annotations

import gzip
from pathlib import Path


def truncate_gzip(data: Path) -> None:
    path = data / "formations.csv"
    whole = gzip.compress(path.read_bytes() * 50)
    path.unlink()
    (data / "formations.csv.gz").write_bytes(whole[: len(whole) // 2])


def break_gzip(data: Path) -> None:
    (data / "formations.csv").unlink()
    (data / "formations.csv.gz").write_bytes(b"\x1f\x8b" + b"not gzip" * 50)


def cut_a_row(data: Path) -> None:
    path = data / "formations.csv"
    path.write_bytes(path.read_bytes()[:-40])


def drop_a_column(data: Path) -> None:
    path = data / "communes.csv"
    path.write_text(path.read_text().replace("code_insee", "insee"))


def other_heading(data: Path) -> None:
    (data / "formations.csv").write_text("Statistiques du mois\n\nid,intitule\n1,BOULANGER\n")


def other_delimiter(data: Path) -> None:
    path = data / "formations.csv"
    path.write_text(path.read_text().replace(",", ";"))


def unclosed_quote(data: Path) -> None:
    path = data / "formations.csv"
    path.write_text(path.read_text() + '"24_2,never closed')


def not_utf8(data: Path) -> None:
    path = data / "romes.csv"
    path.write_bytes(path.read_text().encode("latin-1"))


def utf16(data: Path) -> None:
    path = data / "formations.csv"
    path.write_bytes(path.read_text().encode("utf-16"))


def empty(data: Path) -> None:
    (data / "formations.csv").write_bytes(b"")


def heading_alone(data: Path) -> None:
    path = data / "formations.csv"
    path.write_text(path.read_text().splitlines()[0] + "\n")


def remove(data: Path) -> None:
    (data / "rncp.csv").unlink()


def remove_mobilite(data: Path) -> None:
    (data / "rome_mobilite.csv").unlink()


def break_json(data: Path) -> None:
    (data / "domaines_metiers.json").write_text('[{"sous_domaine": "x"')


def reshape_json(data: Path) -> None:
    (data / "domaines_metiers.json").write_text('{"sous_domaine": "x"}')


DAMAGES = [
    truncate_gzip,
    break_gzip,
    cut_a_row,
    drop_a_column,
    other_heading,
    other_delimiter,
    unclosed_quote,
    not_utf8,
    utf16,
    empty,
    heading_alone,
    remove,
    remove_mobilite,
    break_json,
    reshape_json,
]

"""Writes the demonstration set as files with the format of the open data; the same bytes each time.

Schools and employers are invented (`CFA de démonstration…`, `Boulangerie fictive…`), with SIRETs in a range
that INSEE has never assigned. Places, diplomas, jobs and activities are real.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import orjson

from deploy.local.demonstration.employers import ENTREPRISES_COLUMNS, entreprises
from deploy.local.demonstration.facts import Facts, Row
from deploy.local.demonstration.schools import (
    ETABLISSEMENTS_COLUMNS,
    FORMATIONS_COLUMNS,
    etablissement_row,
    formation_rows,
    schools,
)


def write_demonstration(folder: Path) -> None:
    """Write the files into the folder, over existing ones."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = Facts()
    _write_offer(folder, facts)
    _write_communes(folder, facts)
    _write_metiers(folder, facts)
    _write_diplomes(folder, facts)
    _write_activites(folder, facts)


def _write_offer(folder: Path, facts: Facts) -> None:
    all_schools = schools(facts)
    _write(folder / "formations.csv", FORMATIONS_COLUMNS, formation_rows(all_schools))
    _write(folder / "etablissements.csv", ETABLISSEMENTS_COLUMNS, map(etablissement_row, all_schools))
    _write(folder / "entreprises.csv", ENTREPRISES_COLUMNS, entreprises(facts))


def _write_communes(folder: Path, facts: Facts) -> None:
    rows = facts.rows("communes.csv")
    extra = {"coord_source": "demonstration", "anciens_codes": ""}
    _write(folder / "communes.csv", (*rows[0], *extra), (row | extra for row in rows))


def _write_metiers(folder: Path, facts: Facts) -> None:
    labels = {row["rome"]: row["libelle"] for row in facts.rows("romes.csv")}
    romes = ({"code_rome": code, "libelle_rome": label} for code, label in labels.items())
    _write(folder / "romes.csv", ("code_rome", "libelle_rome"), romes, delimiter=";")
    appellations = (_appellation(row) for row in facts.rows("appellations.csv"))
    _write(folder / "appellations.csv", _APPELLATIONS_COLUMNS, appellations, delimiter=";")
    mobilite = (_mobilite(row) for row in facts.rows("mobilite.csv"))
    _write(folder / "rome_mobilite.csv", _MOBILITE_COLUMNS, mobilite)
    titles = {row["rncp"]: row["intitule_rncp"] for row in facts.rows("diplomes.csv")}
    jobs = [_metier(row, titles) for row in facts.rows("metiers.csv")]
    _write_json(folder / "domaines_metiers.json", jobs)
    synonymes = [
        {"mappingType": "equivalent", "synonyms": [row["terme"], *row["equivalents"].split("|")]}
        for row in facts.rows("synonymes.csv")
    ]
    _write_json(folder / "synonymes.json", synonymes)


_APPELLATIONS_COLUMNS = (
    *("code_ogr", "libelle_appellation_long", "libelle_appellation_court", "code_rome", "transition_eco"),
    *("transition_num", "transition_demo", "emploi_reglemente", "emploi_cadre", "classification", "origine"),
)


def _appellation(row: Row) -> Row:
    return {
        "code_ogr": row["ogr"],
        "libelle_appellation_long": row["libelle"],
        "libelle_appellation_court": row["libelle"],
        "code_rome": row["rome"],
        "classification": "SYNONYME",
    }


_MOBILITE_COLUMNS = (
    *("code_rome", "code_rome_cible", "code_appellation_source", "code_appellation_cible"),
    *("code_type_mobilite", "libelle_type_mobilite"),
)
_MOBILITE_LABELS = {"1": "Proche", "2": "Evolution"}


def _mobilite(row: Row) -> Row:
    return {
        "code_rome": row["rome"],
        "code_rome_cible": row["cible"],
        "code_type_mobilite": row["type"],
        "libelle_type_mobilite": _MOBILITE_LABELS[row["type"]],
    }


def _metier(row: Row, rncp_titles: dict[str, str]) -> dict[str, object]:
    pairs = [pair.split(":", 1) for pair in row["couples"].split("|")]
    rncps = row["rncps"].split("|") if row["rncps"] else []
    return {
        "lettre": row["lettre"],
        "domaine": row["domaine"],
        "sous_domaine": row["sous_domaine"],
        "mots_clefs": row["mots_clefs"],
        "domaines": row["domaines"].split("|"),
        "familles": row["familles"].split("|"),
        "codes_romes": list(dict.fromkeys(code for code, _ in pairs)),
        "intitules_romes": [title for _, title in pairs],
        "couples_romes_metiers": [{"codeRome": code, "intitule": title} for code, title in pairs],
        "codes_rncps": rncps,
        "intitules_rncps": [rncp_titles[rncp] for rncp in rncps],
    }


_CFD_COLUMNS = (
    *("cfd", "intitule", "libelle_court", "niveau_bcn", "libelle_niveau_bcn", "niveau_eu", "date_ouverture"),
    *("date_fermeture", "nsf", "rncps", "romes", "source"),
)
_RNCP_COLUMNS = ("rncp", "intitule", "niveau_eu", "type", "actif", "romes", "romes_inherited", "source")


def _write_diplomes(folder: Path, facts: Facts) -> None:
    diplomes = [row | {"source": "demonstration"} for row in facts.rows("diplomes.csv")]
    by_cfd = sorted(diplomes, key=lambda row: row["cfd"])
    _write(folder / "cfd.csv", _CFD_COLUMNS, (row | {"rncps": row["rncp"]} for row in by_cfd))
    by_rncp: dict[str, Row] = {}
    for row in diplomes:
        by_rncp.setdefault(row["rncp"], row | {"intitule": row["intitule_rncp"], "romes_inherited": "0"})
    _write(folder / "rncp.csv", _RNCP_COLUMNS, (by_rncp[code] for code in sorted(by_rncp)))


def _write_activites(folder: Path, facts: Facts) -> None:
    romes = {row["rome"]: row["libelle"] for row in facts.rows("romes.csv")}
    nafs = {row["naf"]: row["libelle"] for row in facts.rows("naf.csv")}
    codes = ({"code": code, "libelle": label} for code, label in nafs.items())
    _write(folder / "naf.csv", ("code", "libelle"), codes, delimiter=";")
    hirings = (
        {
            "rome_id": row["rome"],
            "rome_label": romes[row["rome"]],
            "naf_id": row["naf"],
            "naf_label": nafs[row["naf"]],
            "hirings": row["embauches"],
        }
        for row in facts.rows("naf_rome.csv")
    )
    hiring_columns = ("rome_id", "rome_label", "naf_id", "naf_label", "hirings")
    _write(folder / "naf_rome_embauches.csv", hiring_columns, hirings)
    opcos = (
        {"IDCC": row["idcc"], "Opérateur de compétences": row["opco"], "Libellé": row["libelle"]}
        for row in facts.rows("idcc_opco.csv")
    )
    opco_columns = ("IDCC", "Opérateur de compétences", "Libellé", "obs")
    _write(folder / "idcc_opco.csv", opco_columns, opcos, delimiter=";")


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row], delimiter: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(
            lines, columns, restval="", extrasaction="ignore", delimiter=delimiter, lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)


def _write_json(path: Path, value: object) -> None:
    path.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m deploy.local.demonstration.writing FOLDER")
    write_demonstration(Path(sys.argv[1]))

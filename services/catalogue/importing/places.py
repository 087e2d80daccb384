"""Import of the table of training organisations, and the mending of any address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from services.catalogue.etablissement import Etablissement, is_siret
from services.common.report import ImportReport
from services.france.communes import Commune, Communes
from services.france.geo import Point
from services.france.lieu import Lieu, read_point
from services.france.names import squeeze

Row = dict[str, str]

ETABLISSEMENT_COLUMNS = (
    "siret",
    "enseigne",
    "entreprise_raison_sociale",
    "uai",
    "numero_voie",
    "type_voie",
    "nom_voie",
    "code_postal",
    "localite",
    "code_insee_localite",
    "certifie_qualite",
    "onisep_url",
    "latitude",
    "longitude",
)

_POSTAL_CODE = re.compile(r"[0-9]{5}")
_UAI = re.compile(r"[0-9]{7}[A-Z]")
_BOOLEANS = {"true": True, "false": False}


def mend_lieu(given: Lieu, communes: Communes, corrections: list[str]) -> Lieu:
    """The address with what the table of communes knows better; what was mended is told."""
    commune = communes.get(given.insee or "")
    if commune is None:
        return _without_commune(given, communes, corrections)
    if commune.insee != given.insee:
        corrections.append("former INSEE code replaced by the current one")
    return Lieu(
        adresse=given.adresse,
        code_postal=_postal_code(given.code_postal, commune, corrections),
        insee=commune.insee,
        commune=commune.nom,
        departement=commune.departement,
        point=_point(given.point, commune, corrections),
    )


def _without_commune(given: Lieu, communes: Communes, corrections: list[str]) -> Lieu:
    found = communes.at_address(given.code_postal or "", given.commune or "")
    if found is not None:
        corrections.append("INSEE code missing or unknown: found by postal code and name")
        return mend_lieu(replace(given, insee=found.insee), communes, [] if given.point else corrections)
    corrections.append("INSEE code missing or unknown, and commune not found: left out")
    departements = {each.departement for each in communes.with_postal_code(given.code_postal or "")}
    known = departements.pop() if len(departements) == 1 else None
    return replace(given, insee=None, departement=known)


def _postal_code(code: str | None, commune: Commune, corrections: list[str]) -> str | None:
    usual = commune.codes_postaux[0] if commune.codes_postaux else None
    if code is None:
        return usual
    # CEDEX codes are not in the table; that they are of the same departement is all that can be checked.
    if usual is None or code in commune.codes_postaux or code[:2] == usual[:2]:
        return code
    corrections.append("postal code of another departement: replaced by the commune's")
    return usual


def _point(point: Point | None, commune: Commune, corrections: list[str]) -> Point | None:
    if point is None:
        corrections.append("coordinates missing: those of the commune")
        return commune.point
    if commune.is_far_from(point):
        corrections.append("coordinates far from the commune: those of the commune")
        return commune.point
    return point


def read_etablissements(
    rows: Iterable[Row], communes: Communes, report: ImportReport
) -> dict[str, Etablissement]:
    """The organisations by SIRET."""
    found: dict[str, Etablissement] = {}
    for row in rows:
        siret = row["siret"]
        if len(siret) != 14 or not siret.isdecimal():
            report.reject("SIRET is not 14 digits")
        elif siret in found:
            report.reject("SIRET seen already")
        elif not (row["entreprise_raison_sociale"] or row["enseigne"]):
            report.reject("no name")
        else:
            corrections = [] if is_siret(siret) else ["SIRET with a wrong check digit: kept"]
            found[siret] = _etablissement(row, communes, corrections)
            report.accept(corrections)
    return found


def _etablissement(row: Row, communes: Communes, corrections: list[str]) -> Etablissement:
    lieu = Lieu(
        adresse=squeeze(f"{row['numero_voie']} {row['type_voie']} {row['nom_voie']}") or None,
        code_postal=read_postal_code(row["code_postal"]),
        insee=row["code_insee_localite"] or None,
        commune=squeeze(row["localite"]) or None,
        point=read_point(row),
    )
    return Etablissement(
        siret=row["siret"],
        raison_sociale=squeeze(row["entreprise_raison_sociale"] or row["enseigne"]),
        uai=read_uai(row["uai"]),
        enseigne=squeeze(row["enseigne"]) or None,
        lieu=mend_lieu(lieu, communes, corrections),
        qualiopi=_BOOLEANS.get(row["certifie_qualite"]),
        onisep_url=read_url(row["onisep_url"]),
    )


def read_url(cell: str) -> str | None:
    """The address, made whole: the export leaves out https://."""
    if not cell or " " in cell:
        return None
    return cell if cell.startswith(("https://", "http://")) else f"https://{cell}"


def read_uai(cell: str) -> str | None:
    return cell if _UAI.fullmatch(cell) else None


def read_postal_code(cell: str) -> str | None:
    return cell if _POSTAL_CODE.fullmatch(cell) else None

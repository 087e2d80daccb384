"""Import of the table of training organisations."""

from __future__ import annotations

from collections.abc import Iterable

from services.catalogue.etablissement import Etablissement
from services.common.report import ImportReport
from services.common.texts import Kind, mend_text
from services.france.codes import has_siret_shape, is_code_postal, is_siret, is_uai
from services.france.communes import Communes
from services.france.lieu import Lieu, read_point
from services.france.mending import mend_lieu
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

_BOOLEANS = {"true": True, "false": False}


def read_etablissements(
    rows: Iterable[Row], communes: Communes, report: ImportReport
) -> dict[str, Etablissement]:
    """The organisations by SIRET."""
    found: dict[str, Etablissement] = {}
    for row in rows:
        siret = row["siret"]
        if not has_siret_shape(siret):
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
        code_postal=row["code_postal"] if is_code_postal(row["code_postal"]) else None,
        insee=row["code_insee_localite"] or None,
        commune=squeeze(row["localite"]) or None,
        point=read_point(row),
    )
    return Etablissement(
        siret=row["siret"],
        raison_sociale=mend_text(
            row["entreprise_raison_sociale"] or row["enseigne"], Kind.LABEL, corrections
        ),
        uai=row["uai"] if is_uai(row["uai"]) else None,
        enseigne=mend_text(row["enseigne"], Kind.LABEL, corrections) or None,
        lieu=mend_lieu(lieu, communes, corrections),
        qualiopi=_BOOLEANS.get(row["certifie_qualite"]),
        onisep_url=read_url(row["onisep_url"]),
    )


def read_url(cell: str) -> str | None:
    """The address with its scheme, which the export leaves out."""
    if not cell or " " in cell:
        return None
    return cell if cell.startswith(("https://", "http://")) else f"https://{cell}"

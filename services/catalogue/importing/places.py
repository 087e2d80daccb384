"""Import of the tables of communes and of training organisations."""

from __future__ import annotations

from collections.abc import Iterable

from services.catalogue.commune import Commune, Communes
from services.catalogue.etablissement import Etablissement, Lieu
from services.common.report import ImportReport
from services.common.texts import whole_number
from services.france.codes import has_siret_shape, is_code_postal, is_insee, is_siret, is_uai
from services.france.geo import Point, distance_km
from services.france.names import squeeze

Row = dict[str, str]

COMMUNE_COLUMNS = (
    "code_insee",
    "nom",
    "commune_parente",
    "codes_postaux",
    "population",
    "dep_code",
    "dep_nom",
    "reg_code",
    "reg_nom",
    "latitude",
    "longitude",
    "anciens_codes",
)
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

FAR_KM = 20.0
"""Further from the centre of its commune than this, a point is taken for another address: only a few
communes of France reach so far, and no town among them."""

_BOOLEANS = {"true": True, "false": False}


def read_communes(rows: Iterable[Row], report: ImportReport) -> list[Commune]:
    """The communes, each code once."""
    communes: dict[str, Commune] = {}
    for row in rows:
        insee = row["code_insee"]
        if not is_insee(insee) or not row["nom"]:
            report.reject("no INSEE code or no name")
        elif insee in communes:
            report.reject("INSEE code seen already")
        else:
            commune = _commune(row)
            communes[insee] = commune
            report.accept([] if commune.point else ["without coordinates: found by code only, no circle"])
    return list(communes.values())


def _commune(row: Row) -> Commune:
    return Commune(
        insee=row["code_insee"],
        nom=row["nom"],
        departement=row["dep_code"],
        departement_nom=row["dep_nom"],
        region=row["reg_code"],
        region_nom=row["reg_nom"],
        codes_postaux=split_codes(row["codes_postaux"]),
        population=whole_number(row["population"]) or 0,
        point=read_point(row),
        commune_parente=row["commune_parente"] or None,
        anciens_codes=split_codes(row["anciens_codes"]),
    )


def split_codes(cell: str) -> tuple[str, ...]:
    """The codes of a cell, each once, in its order."""
    return tuple(dict.fromkeys(code.strip() for code in cell.split("|") if code.strip()))


def read_point(row: Row) -> Point | None:
    """The coordinates of a row, or None when they are not those of any place."""
    try:
        point = Point(float(row["latitude"]), float(row["longitude"]))
    except ValueError:
        return None
    possible = -90 <= point.latitude <= 90 and -180 <= point.longitude <= 180
    # (0, 0) is what a geocoder that found nothing writes.
    return point if possible and (point.latitude, point.longitude) != (0, 0) else None


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
    candidates = communes.with_postal_code(given.code_postal or "")
    if len(candidates) == 1:
        corrections.append("INSEE code missing or unknown: that of the postal code")
        named = Lieu(given.adresse, given.code_postal, candidates[0].insee, point=given.point)
        return mend_lieu(named, communes, [] if given.point else corrections)
    corrections.append("INSEE code missing or unknown, the postal code is of no single commune: left out")
    departements = {each.departement for each in candidates}
    known = departements.pop() if len(departements) == 1 else None
    return Lieu(given.adresse, given.code_postal, None, given.commune, known, given.point)


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
    if commune.point and distance_km(point, commune.point) > FAR_KM:
        corrections.append(f"coordinates over {FAR_KM:g} km from the commune: those of the commune")
        return commune.point
    return point


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
        raison_sociale=squeeze(row["entreprise_raison_sociale"] or row["enseigne"]),
        uai=row["uai"] if is_uai(row["uai"]) else None,
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

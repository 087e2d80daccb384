"""Corrects the addresses of files with the table of communes."""

from __future__ import annotations

from dataclasses import replace

from services.common.texts import Kind, mend_text
from services.france.codes import departement_of_code_postal
from services.france.communes import Commune, Communes
from services.france.geo import Point
from services.france.lieu import Lieu


def mend_lieu(given: Lieu, communes: Communes, corrections: list[str]) -> Lieu:
    """The address in its current commune; each correction is added to `corrections`."""
    adresse = mend_text(given.adresse or "", Kind.LABEL, corrections) or None
    commune = _commune(given, communes, corrections)
    if commune is None:
        return replace(
            given, adresse=adresse, insee=None, departement=_departement(given.code_postal, communes)
        )
    return Lieu(
        adresse=adresse,
        code_postal=_postal_code(given.code_postal, commune, corrections),
        insee=commune.insee,
        commune=commune.nom,
        departement=commune.departement,
        point=_point(given.point, commune, corrections),
    )


def _commune(given: Lieu, communes: Communes, corrections: list[str]) -> Commune | None:
    commune = communes.get(given.insee or "")
    if commune is not None:
        if commune.insee != given.insee:
            corrections.append("former INSEE code replaced by the current one")
        return commune
    commune = communes.at_address(given.code_postal or "", given.commune or "", given.point)
    found = "found by address" if commune else "commune not found, left out"
    corrections.append(f"INSEE code missing or unknown: {found}")
    return commune


def _departement(code_postal: str | None, communes: Communes) -> str | None:
    if code_postal is None:
        return None
    # Some communes have the postal code of a neighbouring departement.
    departements = {each.departement for each in communes.with_postal_code(code_postal)}
    return departements.pop() if len(departements) == 1 else departement_of_code_postal(code_postal)


def _postal_code(code: str | None, commune: Commune, corrections: list[str]) -> str | None:
    usual = commune.codes_postaux[0] if commune.codes_postaux else None
    if code is None:
        return usual
    # The table has no CEDEX codes, so only their departement can be checked.
    if usual is None or code in commune.codes_postaux or code[:2] == usual[:2]:
        return code
    corrections.append("postal code of another departement: replaced by the commune's")
    return usual


def _point(point: Point | None, commune: Commune, corrections: list[str]) -> Point | None:
    if point is not None and not commune.is_far_from(point):
        return point
    if commune.point is not None:
        why = "missing" if point is None else "far from the commune"
        corrections.append(f"coordinates {why}: those of the commune")
    return commune.point

"""Generates the fictitious training organisations and their trainings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from deploy.local.demonstration.facts import Diplome, Facts, Place, Row
from deploy.local.demonstration.fictitious import (
    fictitious_siret,
    fictitious_uai,
    near,
    register_name,
)
from services.france.fictif import draw, pick

SCHOOLS = 250
CITY = 60_000
"""Places with at least this population have a general school; so does the largest of each departement."""

COMMON = ("bouche", "vente", "restauration", "automobile", "beaute", "numerique", "soin")
"""The families of diplomas that every general school teaches, so that every city has them."""

_GENERAL_SIZE = 10
_NAMES = (
    "des Deux Rives",
    "du Vieux Pont",
    "des Quatre Vents",
    "de la Fontaine",
    "du Belvédère",
    "des Halles",
)
_SESSIONS = ("2027-09", "2028-09", "2027-09|2028-09", "2027-01|2027-09", "2027-10")

ETABLISSEMENTS_COLUMNS = (
    *("siret", "siren", "siege_social", "enseigne", "entreprise_raison_sociale", "onisep_nom", "uai"),
    *("naf_code", "naf_libelle", "nda", "numero_voie", "type_voie", "nom_voie", "complement_adresse"),
    *("code_postal", "localite", "code_insee_localite", "num_departement", "nom_departement"),
    *("region_implantation_code", "region_implantation_nom", "num_academie", "nom_academie"),
    *("entreprise_forme_juridique_code", "entreprise_forme_juridique", "ferme", "certifie_qualite"),
    *("onisep_url", "published", "latitude", "longitude"),
)
FORMATIONS_COLUMNS = (
    *("id", "id_action", "id_certifinfo", "published", "cfd", "rncp", "intitule", "intitule_rncp", "diplome"),
    *("niveau_eu", "romes", "formateur_siret", "formateur_uai", "formateur_nom", "formateur_raison_sociale"),
    *("nom_source", "gestionnaire_siret", "gestionnaire_uai", "lieu_adresse", "lieu_code_postal"),
    *("lieu_code_insee", "lieu_commune", "lieu_departement", "latitude", "longitude", "periodes"),
)


@dataclass(frozen=True, slots=True)
class School:
    """A training organisation at one place."""

    number: int
    place: Place
    nom: str
    diplomes: tuple[Diplome, ...]

    @property
    def siret(self) -> str:
        return fictitious_siret(self.number)

    @property
    def uai(self) -> str:
        return fictitious_uai(self.number)

    @property
    def voie(self) -> tuple[str, str, str]:
        return str(1 + draw(120, "street", self.number)), "RUE", "DE LA DEMONSTRATION"

    @property
    def code_postal(self) -> str:
        return pick(self.place.codes_postaux, "postcode", self.number)

    @property
    def point(self) -> tuple[float, float]:
        return near(self.place, 0.9, "school", self.number)


def schools(facts: Facts) -> list[School]:
    """A general school in each city, then specialised schools across the country."""
    cities = _cities(facts.places)
    general = [
        School(number, place, f"CFA de démonstration de {place.nom}", _general(facts, place))
        for number, place in enumerate(cities, start=1)
    ]
    seats = list(_largest_by_departement(cities).values())
    ranks = range(SCHOOLS - len(general))
    return general + [_specialised(facts, len(general) + 1 + rank, seats, rank) for rank in ranks]


def _cities(places: list[Place]) -> list[Place]:
    chosen = {place.insee for place in _largest_by_departement(places).values()}
    return [place for place in places if place.population >= CITY or place.insee in chosen]


def _largest_by_departement(places: list[Place]) -> dict[str, Place]:
    largest: dict[str, Place] = {}
    for place in places:
        largest.setdefault(place.departement, place)
    return largest


def _general(facts: Facts, place: Place) -> tuple[Diplome, ...]:
    first = [facts.diplomes[family][0] for family in COMMON]
    others = [diplome for family in facts.diplomes.values() for diplome in family if diplome not in first]
    others.sort(key=lambda diplome: draw(1 << 32, place.insee, diplome.cfd))
    return (*first, *others[: _GENERAL_SIZE - len(first)])


def _specialised(facts: Facts, number: int, seats: list[Place], rank: int) -> School:
    place = seats[rank % len(seats)]
    families = list(facts.diplomes)
    # Each school teaches two consecutive families. Over the ranks, each family reaches cities of all sizes.
    taught = [families[(rank + step) % len(families)] for step in (0, 1)]
    diplomes = tuple(diplome for family in taught for diplome in facts.diplomes[family])
    nom = f"Campus de démonstration {pick(_NAMES, 'name', number)}, {place.nom}"
    return School(number, place, nom, diplomes)


def etablissement_row(school: School) -> Row:
    numero, type_voie, nom_voie = school.voie
    place, point = school.place, school.point
    return {
        "siret": school.siret,
        "siren": school.siret[:9],
        "siege_social": "true",
        "enseigne": school.nom,
        "entreprise_raison_sociale": register_name(school.nom),
        "uai": school.uai,
        "naf_code": "85.32Z",
        "naf_libelle": "Enseignement secondaire technique ou professionnel",
        "numero_voie": numero,
        "type_voie": type_voie,
        "nom_voie": nom_voie,
        "code_postal": school.code_postal,
        "localite": register_name(place.nom),
        "code_insee_localite": place.insee,
        "num_departement": place.departement,
        "nom_departement": place.departement_nom,
        "region_implantation_code": place.region,
        "region_implantation_nom": place.region_nom,
        "ferme": "false",
        "certifie_qualite": "true" if draw(5, "qualiopi", school.number) else "false",
        "published": "true",
        "latitude": str(point[0]),
        "longitude": str(point[1]),
    }


def formation_rows(all_schools: Iterable[School]) -> Iterator[Row]:
    """The trainings of the schools. As in the real catalogue, a few are superseded (`published` = 0)."""
    number = 0
    for school in all_schools:
        for diplome in school.diplomes:
            number += 1
            row = _formation_row(number, school, diplome)
            if number % 100 == 0:
                yield row | {"id": f"{row['id']}_ANCIENNE", "published": "0", "periodes": "2026-09"}
            yield row


def _formation_row(number: int, school: School, diplome: Diplome) -> Row:
    place, point = school.place, school.point
    return {
        "id": f"DEMO_{number:05}",
        "published": "1",
        "cfd": diplome.cfd,
        "rncp": diplome.rncp,
        "intitule": diplome.intitule,
        "intitule_rncp": diplome.intitule_rncp,
        "diplome": diplome.diplome,
        "niveau_eu": diplome.niveau,
        "romes": "|".join(diplome.romes),
        "formateur_siret": school.siret,
        "formateur_uai": school.uai,
        "formateur_nom": school.nom,
        "formateur_raison_sociale": register_name(school.nom),
        "nom_source": "siret",
        "gestionnaire_siret": school.siret,
        "gestionnaire_uai": school.uai,
        "lieu_adresse": " ".join(school.voie).title(),
        "lieu_code_postal": school.code_postal,
        "lieu_code_insee": place.insee,
        "lieu_commune": place.nom,
        "lieu_departement": place.departement,
        "latitude": str(point[0]),
        "longitude": str(point[1]),
        "periodes": pick(_SESSIONS, "sessions", number),
    }

"""Writes one simulated offer the way employers write real ones, holes included."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from deploy.sandbox.offres import LIFE_S, Json, OffreSimulee
from services.france.communes import Commune

T = TypeVar("T")

_NIVEAUX = {
    "NV5": ("CAP, BEP et équivalents", "un CAP"),
    "NV4": ("Bac ou équivalent", "un bac professionnel"),
    "NV3": ("Bac+2 ou équivalents", "un BTS"),
    "NV2": ("Bac+3, Bac+4 ou équivalents", "une licence professionnelle"),
    "NV1": ("Bac+5 et plus ou équivalents", "un master"),
}
_NIVEAU_WEIGHTS = (36, 28, 20, 10, 6)
_NATURES = {"E2": "Contrat apprentissage", "FS": "Cont. professionnalisation"}
_NATURE_WEIGHTS = (78, 22)
_TITLES = (
    "{metier} en apprentissage (H/F)",
    "Apprenti {metier} (H/F)",
    "{metier} en alternance (H/F)",
    "Alternance - {metier} (H/F)",
    "{metier} (H/F)",
)
_OPENINGS = (
    "Nous recherchons pour notre établissement de {ville} : {metier}, en {contrat}.",
    "{nom} recrute à {ville} une personne motivée pour un poste en {contrat} : {metier}.",
    "Dans le cadre du développement de notre équipe de {ville}, nous proposons un {contrat} : {metier}.",
)
_TASKS = (
    "Accompagné(e) par votre tuteur, vous découvrirez toutes les étapes du métier et gagnerez en autonomie.",
    "Au sein d'une équipe à taille humaine, vous participerez aux activités quotidiennes de l'établissement.",
    "Vous prendrez part à l'accueil, à l'organisation du travail et au respect des règles de sécurité.",
)
_WISHES = (
    "Ponctualité, curiosité et goût du travail en équipe sont attendus. Débutant(e) accepté(e).",
    "Aucune expérience n'est demandée : nous vous formons. Sens du service apprécié.",
    "Vous êtes sérieux(se) et volontaire ; une première expérience, même en stage, est un plus.",
)
_CONTACT_IN_TEXT = "Envoyez votre CV à recrutement@employeur.invalid ou appelez le 01 99 00 12 34."
_MENTION = "Offre simulée par le bac à sable : elle n'existe pas."
_DUREES = ("35H/semaine", "35H/semaine\nTravail en journée", "39H/semaine")
_SALAIRE = "Selon l'âge et l'année de contrat, de 27 % à 100 % du SMIC"


@dataclass(frozen=True, slots=True)
class Employeur:
    """The establishment that the offer is written for."""

    siret: str
    nom: str
    naf: str
    naf_libelle: str
    code_postal: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Metier:
    """The job that it is about."""

    rome: str
    rome_libelle: str
    appellation: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the establishment is."""

    commune: Commune
    capital: Commune
    """Main town of its departement: where the search finds an offer that names no commune."""


def write_offre(
    chance: random.Random, number: int, employeur: Employeur, metier: Metier, place: Place
) -> OffreSimulee:
    """The offer of an establishment; the same for the same chance."""
    nature = _pick(chance, list(_NATURES), _NATURE_WEIGHTS)
    niveau = _pick(chance, list(_NIVEAUX), _NIVEAU_WEIGHTS) if chance.random() < 0.55 else None
    lieu, is_placed = _lieu(chance, employeur, place)
    entreprise = _entreprise(chance, employeur)
    words = {
        "metier": metier.appellation,
        "ville": place.commune.nom,
        "nom": entreprise.get("nom", "Notre entreprise"),
        "contrat": "contrat d'apprentissage" if nature == "E2" else "contrat de professionnalisation",
    }
    payload: Json = {
        "id": f"SIM{number:05d}",
        "intitule": chance.choice(_TITLES).format(**words),
        "description": _description(chance, words, niveau),
        "lieuTravail": lieu,
        "romeCode": metier.rome,
        "romeLibelle": metier.rome_libelle,
        "appellationlibelle": metier.appellation,
        "entreprise": entreprise,
        "contact": _contact(chance, number),
        "codeNAF": f"{employeur.naf[:2]}.{employeur.naf[2:]}",
        "secteurActivite": employeur.naf[:2],
        "secteurActiviteLibelle": employeur.naf_libelle,
        "origineOffre": {"origine": "2", "partenaires": [{"nom": "SIMULATION"}]},
    }
    payload |= _contrat(chance, nature) | _conditions(chance) | _exigences(chance, niveau)
    return OffreSimulee(
        payload=payload,
        commune=(place.commune if is_placed else place.capital).insee,
        nature=nature,
        niveau=niveau,
        phase_s=chance.randrange(LIFE_S),
        update_s=chance.choice((0, 0, 3_600, 86_400, 5 * 86_400)),
    )


def _lieu(chance: random.Random, employeur: Employeur, place: Place) -> tuple[Json, bool]:
    """The place, and whether it says more than the departement."""
    commune = place.commune
    hole = chance.random()
    if hole < 0.04:
        return {"libelle": f"{commune.departement} - {commune.departement_nom} (Dept.)"}, False
    named = {"libelle": f"{commune.departement} - {commune.nom.upper()}"}
    if hole < 0.08:
        return named, True
    coded = named | {"codePostal": employeur.code_postal, "commune": commune.insee}
    if hole < 0.16:
        return coded, True
    return coded | {"latitude": employeur.latitude, "longitude": employeur.longitude}, True


def _entreprise(chance: random.Random, employeur: Employeur) -> Json:
    entreprise: Json = {"entrepriseAdaptee": False}
    if chance.random() < 0.88:
        entreprise["nom"] = employeur.nom
        if chance.random() < 0.3:
            entreprise["description"] = f"Secteur d'activité : {employeur.naf_libelle.lower()}."
        # Not in the schema: the partner sends it under an agreement, for few offers.
        if chance.random() < 0.06:
            entreprise["siret"] = employeur.siret
    return entreprise


def _contrat(chance: random.Random, nature: str) -> Json:
    if chance.random() < 0.08:
        code, libelle = "CDI", "CDI"
    else:
        months = _pick(chance, [12, 24, 36], (40, 45, 15))
        code, libelle = "CDD", f"CDD - {months} Mois"
    return {"typeContrat": code, "typeContratLibelle": libelle, "natureContrat": _NATURES[nature]}


def _conditions(chance: random.Random) -> Json:
    conditions: Json = {
        "salaire": {"libelle": _SALAIRE},
        "dureeTravailLibelle": chance.choice(_DUREES),
        "dureeTravailLibelleConverti": "Temps plein",
        "alternance": True,
        "accessibleTH": chance.random() < 0.2,
    }
    if chance.random() < 0.9:
        conditions["nombrePostes"] = _pick(chance, [1, 2, 3], (85, 12, 3))
    return conditions


def _exigences(chance: random.Random, niveau: str | None) -> Json:
    exigences: Json = {"experienceExige": "D", "experienceLibelle": "Débutant accepté"}
    if niveau:
        exigences["formations"] = [{"niveauLibelle": _NIVEAUX[niveau][0], "exigence": chance.choice("ES")}]
    if chance.random() < 0.15:
        exigences["permis"] = [{"libelle": "B - Véhicule léger", "exigence": "S"}]
    return exigences


def _contact(chance: random.Random, number: int) -> Json:
    link = f"https://candidat.francetravail.fr/offres/recherche/detail/SIM{number:05d}"
    contact: Json = {"courriel": f"Pour postuler, utiliser le lien suivant : {link}"}
    if chance.random() < 0.2:
        # A number that the regulator keeps for fiction.
        contact["telephone"] = f"01 99 00 {chance.randrange(100):02d} {chance.randrange(100):02d}"
    return contact


def _description(chance: random.Random, words: dict[str, str], niveau: str | None) -> str:
    lines = [chance.choice(_OPENINGS).format(**words), chance.choice(_TASKS), chance.choice(_WISHES)]
    if niveau:
        lines.append(f"Formation préparée : {_NIVEAUX[niveau][1]} ou équivalent.")
    # Some employers do write this, whatever the form says.
    if chance.random() < 0.03:
        lines.append(_CONTACT_IN_TEXT)
    return "\n".join([*lines, _MENTION])


def _pick(chance: random.Random, values: Sequence[T], weights: Sequence[int]) -> T:
    return chance.choices(values, weights)[0]

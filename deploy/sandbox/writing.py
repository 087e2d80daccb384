"""Generates one simulated offer in the style of real ones, with the same missing fields."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from deploy.sandbox.offres import LIFETIME_S, Json, OffreSimulee
from services.france.communes import Commune
from services.france.fictif import weighted

_NIVEAUX = {
    "NV5": ("CAP, BEP et équivalents", "un CAP"),
    "NV4": ("Bac ou équivalent", "un bac professionnel"),
    "NV3": ("Bac+2 ou équivalents", "un BTS"),
    "NV2": ("Bac+3, Bac+4 ou équivalents", "une licence professionnelle"),
    "NV1": ("Bac+5 et plus ou équivalents", "un master"),
}
_NIVEAU_WEIGHTS = {"NV5": 36, "NV4": 28, "NV3": 20, "NV2": 10, "NV1": 6}
_NATURES = {"E2": "Contrat apprentissage", "FS": "Cont. professionnalisation"}
_NATURE_WEIGHTS = {"E2": 78, "FS": 22}
_MONTHS_WEIGHTS = {12: 40, 24: 45, 36: 15}
_POSTES_WEIGHTS = {1: 85, 2: 12, 3: 3}
_TITLES = (
    "{metier} en apprentissage (H/F)",
    "Apprenti {metier} (H/F)",
    "{metier} en alternance (H/F)",
    "Alternance - {metier} (H/F)",
    "{metier} (H/F)",
)
_OPENINGS = (
    "Nous recherchons pour notre établissement de {ville} : {metier}, en {contrat}.",
    "{nom} recrute à {ville} une personne motivée pour un poste en {contrat} : {metier}.",
    "Dans le cadre du développement de notre équipe de {ville}, nous proposons un {contrat} : {metier}.",
)
_TASKS = (
    "Accompagné(e) par votre tuteur, vous découvrirez toutes les étapes du métier et gagnerez en autonomie.",
    "Au sein d'une équipe à taille humaine, vous participerez aux activités quotidiennes de l'établissement.",
    "Vous prendrez part à l'accueil, à l'organisation du travail et au respect des règles de sécurité.",
)
_WISHES = (
    "Ponctualité, curiosité et goût du travail en équipe sont attendus. Débutant(e) accepté(e).",
    "Aucune expérience n'est demandée : nous vous formons. Sens du service apprécié.",
    "Vous êtes sérieux(se) et volontaire ; une première expérience, même en stage, est un plus.",
)
_CONTACT_IN_TEXT = "Envoyez votre CV à recrutement@employeur.invalid ou appelez le 01 99 00 12 34."
_MENTION = "Offre simulée par le bac à sable : elle n'existe pas."
_DUREES = ("35H/semaine", "35H/semaine\nTravail en journée", "39H/semaine")
_SALAIRE = "Selon l'âge et l'année de contrat, de 27 % à 100 % du SMIC"


@dataclass(frozen=True, slots=True)
class Employeur:
    """The establishment of the offer."""

    siret: str
    nom: str
    naf: str
    naf_libelle: str
    code_postal: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Metier:
    """The job of the offer."""

    rome: str
    rome_libelle: str
    appellation: str


@dataclass(frozen=True, slots=True)
class Place:
    """The place of the establishment."""

    commune: Commune
    capital: Commune
    """The main town of its departement; the search places an offer without a commune there."""


def write_offre(rng: Random, number: int, employeur: Employeur, metier: Metier, place: Place) -> OffreSimulee:
    """The offer of an establishment; the same for the same rng."""
    nature = weighted(rng, _NATURE_WEIGHTS)
    niveau = weighted(rng, _NIVEAU_WEIGHTS) if rng.random() < 0.55 else None
    lieu, is_placed = _lieu(rng, employeur, place)
    entreprise = _entreprise(rng, employeur)
    words = {
        "metier": metier.appellation,
        "ville": place.commune.nom,
        "nom": entreprise.get("nom", "Notre entreprise"),
        "contrat": "contrat d'apprentissage" if nature == "E2" else "contrat de professionnalisation",
    }
    payload: Json = {
        "id": f"SIM{number:05d}",
        "intitule": rng.choice(_TITLES).format(**words),
        "description": _description(rng, words, niveau),
        "lieuTravail": lieu,
        "romeCode": metier.rome,
        "romeLibelle": metier.rome_libelle,
        "appellationlibelle": metier.appellation,
        "entreprise": entreprise,
        "contact": _contact(rng, number),
        "codeNAF": f"{employeur.naf[:2]}.{employeur.naf[2:]}",
        "secteurActivite": employeur.naf[:2],
        "secteurActiviteLibelle": employeur.naf_libelle,
        "origineOffre": {"origine": "2", "partenaires": [{"nom": "SIMULATION"}]},
    }
    payload |= _contrat(rng, nature) | _conditions(rng) | _exigences(rng, niveau)
    return OffreSimulee(
        payload=payload,
        commune=(place.commune if is_placed else place.capital).insee,
        nature=nature,
        niveau=niveau,
        phase_s=rng.randrange(LIFETIME_S),
        update_s=rng.choice((0, 0, 3_600, 86_400, 5 * 86_400)),
    )


def _lieu(rng: Random, employeur: Employeur, place: Place) -> tuple[Json, bool]:
    """The place, and whether it says more than the departement."""
    commune = place.commune
    precision = rng.random()
    if precision < 0.04:
        return {"libelle": f"{commune.departement} - {commune.departement_nom} (Dept.)"}, False
    with_name = {"libelle": f"{commune.departement} - {commune.nom.upper()}"}
    if precision < 0.08:
        return with_name, True
    with_codes = with_name | {"codePostal": employeur.code_postal, "commune": commune.insee}
    if precision < 0.16:
        return with_codes, True
    return with_codes | {"latitude": employeur.latitude, "longitude": employeur.longitude}, True


def _entreprise(rng: Random, employeur: Employeur) -> Json:
    entreprise: Json = {"entrepriseAdaptee": False}
    if rng.random() < 0.88:
        entreprise["nom"] = employeur.nom
        if rng.random() < 0.3:
            entreprise["description"] = f"Secteur d'activité : {employeur.naf_libelle.lower()}."
        # Not in the published schema: the partner sends it to some clients, for few offers.
        if rng.random() < 0.06:
            entreprise["siret"] = employeur.siret
    return entreprise


def _contrat(rng: Random, nature: str) -> Json:
    if rng.random() < 0.08:
        code, libelle = "CDI", "CDI"
    else:
        months = weighted(rng, _MONTHS_WEIGHTS)
        code, libelle = "CDD", f"CDD - {months} Mois"
    return {"typeContrat": code, "typeContratLibelle": libelle, "natureContrat": _NATURES[nature]}


def _conditions(rng: Random) -> Json:
    conditions: Json = {
        "salaire": {"libelle": _SALAIRE},
        "dureeTravailLibelle": rng.choice(_DUREES),
        "dureeTravailLibelleConverti": "Temps plein",
        "alternance": True,
        "accessibleTH": rng.random() < 0.2,
    }
    if rng.random() < 0.9:
        conditions["nombrePostes"] = weighted(rng, _POSTES_WEIGHTS)
    return conditions


def _exigences(rng: Random, niveau: str | None) -> Json:
    exigences: Json = {"experienceExige": "D", "experienceLibelle": "Débutant accepté"}
    if niveau:
        exigences["formations"] = [{"niveauLibelle": _NIVEAUX[niveau][0], "exigence": rng.choice("ES")}]
    if rng.random() < 0.15:
        exigences["permis"] = [{"libelle": "B - Véhicule léger", "exigence": "S"}]
    return exigences


def _contact(rng: Random, number: int) -> Json:
    link = f"https://candidat.francetravail.fr/offres/recherche/detail/SIM{number:05d}"
    contact: Json = {"courriel": f"Pour postuler, utiliser le lien suivant : {link}"}
    if rng.random() < 0.2:
        # Numbers that start with 01 99 00 are reserved by ARCEP for works of fiction.
        contact["telephone"] = f"01 99 00 {rng.randrange(100):02d} {rng.randrange(100):02d}"
    return contact


def _description(rng: Random, words: dict[str, str], niveau: str | None) -> str:
    lines = [rng.choice(_OPENINGS).format(**words), rng.choice(_TASKS), rng.choice(_WISHES)]
    if niveau:
        lines.append(f"Formation préparée : {_NIVEAUX[niveau][1]} ou équivalent.")
    # Some employers write their address in the text.
    if rng.random() < 0.03:
        lines.append(_CONTACT_IN_TEXT)
    return "\n".join([*lines, _MENTION])

"""Fictitious needs of real establishments: the same SIRET gives the same need, dated from a given day."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.france.fictif import draw, generator, weighted
from services.france.lieu import Lieu
from services.matcha.besoin import (
    Annonce,
    Besoin,
    Contact,
    Contrat,
    Entreprise,
    Fictif,
    Renouvellement,
    Rythme,
    Statut,
)

ONE_IN = 6
"""One small company in this many has a need."""

MAX_AGE_JOURS = 40
"""Highest age of a need in days, so that each stays open for at least two weeks."""

# Weights of the levels that small companies ask for; None is any level.
_NIVEAUX = {None: 30, 3: 30, 4: 20, 5: 14, 6: 4, 7: 2}
_CONTRATS = {
    (Contrat.APPRENTISSAGE,): 80,
    (Contrat.APPRENTISSAGE, Contrat.PROFESSIONNALISATION): 15,
    (Contrat.PROFESSIONNALISATION,): 5,
}

# The most frequent OPCO of a NAF code, or of its first two digits (the division).
_OPCO_BY_NAF = {
    "1013B": "Opco entreprises de proximité",
    "1071C": "Opco entreprises de proximité",
    "1071D": "Opco entreprises de proximité",
    **dict.fromkeys(("01", "02", "03", "10", "11", "12"), "OCAPIAT"),
    **dict.fromkeys((f"{division}" for division in range(13, 40)), "OPCO 2i"),
    **dict.fromkeys(("41", "42", "43"), "Constructys"),
    **dict.fromkeys(("45", "49", "50", "51", "52", "53", "79"), "Opco Mobilités"),
    **dict.fromkeys(("46", "47"), "L'Opcommerce"),
    **dict.fromkeys(("55", "56", "78", "80", "81", "82", "85"), "AKTO"),
    **dict.fromkeys(("58", "59", "60", "61", "73", "90", "91", "92", "93"), "AFDAS"),
    **dict.fromkeys(("62", "63", "64", "65", "66", "69", "70", "71", "72", "74"), "ATLAS"),
    **dict.fromkeys(("68", "75", "77", "95", "96", "97"), "Opco entreprises de proximité"),
    **dict.fromkeys(("86", "87"), "Opco Santé"),
    **dict.fromkeys(("88", "94", "84"), "Uniformation"),
}


@dataclass(frozen=True, slots=True)
class Metiers:
    """The jobs that sectors hire for, and the names of jobs."""

    embauches: Mapping[str, Mapping[str, int]]
    """NAF → ROME → hirings."""
    appellations: Mapping[str, Sequence[str]]
    """ROME → names of jobs."""


def has_need(siret: str) -> bool:
    return draw(ONE_IN, "besoin", siret) == 0


def fictif_of(entreprise: Entreprise, lieu: Lieu, metiers: Metiers, now: datetime) -> Fictif | None:
    """The need of an establishment; None if the jobs of its NAF are unknown."""
    embauches = metiers.embauches.get(entreprise.naf or "", {})
    romes = {rome: count for rome, count in embauches.items() if metiers.appellations.get(rome) and count}
    if not romes:
        return None
    draws = generator(entreprise.siret)
    rome = weighted(draws, romes)
    besoin = Besoin(
        id=hashlib.sha256(f"besoin fictif {entreprise.siret}".encode()).hexdigest()[:32],
        annonce=Annonce(
            intitule=draws.choice(metiers.appellations[rome])[:150],
            romes=(rome,),
            entreprise=entreprise,
            lieu=lieu,
            contrats=weighted(draws, _CONTRATS),
            quantite=weighted(draws, {1: 80, 2: 15, 3: 5}),
            niveau=weighted(draws, _NIVEAUX),
            rythme=draws.choice(list(Rythme)),
            duree_mois=draws.choice((12, 24, 36)),
        ),
        cree_le=now,
        expire_le=now,
        statut=Statut.ACTIF,
        opco=opco_of_naf(entreprise.naf),
        fictive=True,
    )
    dating = Renouvellement(draws.randint(0, MAX_AGE_JOURS), draws.randint(15, 180))
    # .invalid is reserved, so that no message reaches anybody: https://www.rfc-editor.org/rfc/rfc2606
    contact = Contact("Camille", "Fictif", f"contact@{entreprise.siret}.invalid")
    return Fictif(besoin.renewed(dating, now), contact, dating)


def opco_of_naf(naf: str | None) -> str | None:
    """A plausible OPCO for a kind of company."""
    return _OPCO_BY_NAF.get(naf or "") or _OPCO_BY_NAF.get((naf or "")[:2])

"""Generates the fictitious employers: common trades in every place, and more of them in larger places."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

from deploy.local.demonstration.facts import Facts, Place, Row
from deploy.local.demonstration.fictitious import fictitious_siret, near, register_name
from services.france.fictif import draw, pick

EMPLOYERS = 4_000
FIRST_EMPLOYER = 1_000
"""Schools use the numbers below."""

ENTREPRISES_COLUMNS = (
    *("siret", "raison_sociale", "enseigne", "naf", "tranche_effectif", "adresse", "code_postal"),
    *("code_insee", "commune", "latitude", "longitude", "source"),
)

_SUFFIXES = (
    *("du Marché", "de la Gare", "des Tilleuls", "du Centre", "de la Mairie", "des Lilas", "du Port"),
    *("de la Poste", "des Arcades", "du Moulin", "de l'Avenir", "des Remparts", "du Parc", "de l'Étoile"),
    *("des Écoles", "du Pont", "de la Place", "des Jardins", "du Faubourg", "de la Colline", "du Canal"),
)
_STREETS = (
    "PL DU MARCHE",
    "RUE DE LA GARE",
    "AV DES TILLEULS",
    "RUE DES ECOLES",
    "BD DE L'AVENIR",
    "RUE DU PONT",
)
_STAFF = (("00", 4), ("NN", 2), ("01", 6), ("02", 5), ("03", 4), ("11", 3), ("12", 2), ("21", 1), ("31", 1))
"""INSEE's staff size brackets, with the weight of each in this set."""

_STAFF_CHOICES = [bracket for bracket, weight in _STAFF for _ in range(weight)]


def entreprises(facts: Facts) -> Iterator[Row]:
    signs = {row["naf"]: row["enseigne"] for row in facts.rows("naf.csv") if row["enseigne"]}
    seen: Counter[tuple[str, str]] = Counter()
    for rank, (place, naf) in enumerate(_addresses(facts, signs)):
        seen[place.insee, naf] += 1
        yield _row(FIRST_EMPLOYER + rank, place, naf, f"{signs[naf]} {_suffix(place, naf, seen)}")


def _addresses(facts: Facts, signs: dict[str, str]) -> Iterator[tuple[Place, str]]:
    everywhere = [row["naf"] for row in facts.rows("naf.csv") if row["partout"] == "1"]
    first = [(place, naf) for place in facts.places for naf in everywhere][:EMPLOYERS]
    yield from first
    hirings: Counter[str] = Counter()
    for row in facts.rows("naf_rome.csv"):
        if row["naf"] in signs:
            hirings[row["naf"]] += int(row["embauches"])
    nafs = sorted(hirings)
    # The square root keeps rare trades and small places represented.
    naf_bounds = list(accumulate(hirings[naf] ** 0.5 for naf in nafs))
    place_bounds = list(accumulate(place.population**0.5 for place in facts.places))
    for rank in range(EMPLOYERS - len(first)):
        place = facts.places[_weighted(place_bounds, "place", rank)]
        yield place, nafs[_weighted(naf_bounds, "naf", rank)]


def _weighted(bounds: list[float], *key: object) -> int:
    point = draw(1 << 32, *key) / (1 << 32) * bounds[-1]
    return min(bisect(bounds, point), len(bounds) - 1)


def _suffix(place: Place, naf: str, seen: Counter[tuple[str, str]]) -> str:
    start = draw(len(_SUFFIXES), "suffix", place.insee, naf)
    return _SUFFIXES[(start + seen[place.insee, naf]) % len(_SUFFIXES)]


def _row(number: int, place: Place, naf: str, nom: str) -> Row:
    latitude, longitude = near(place, 1.4, "employer", number)
    return {
        "siret": fictitious_siret(number),
        "raison_sociale": register_name(nom),
        "enseigne": nom if draw(3, "sign", number) else "",
        "naf": naf,
        "tranche_effectif": pick(_STAFF_CHOICES, "staff", number),
        "adresse": f"{1 + draw(90, 'street', number)} {pick(_STREETS, 'street name', number)}",
        "code_postal": pick(place.codes_postaux, "postcode", number),
        "code_insee": place.insee,
        "commune": place.nom,
        "latitude": str(latitude),
        "longitude": str(longitude),
        "source": "demonstration",
    }

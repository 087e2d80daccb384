"""What a search of trainings asks for, in which order, and what it finds; the same for every engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from services.catalogue.formation import Formation
from services.france.geo import Zone

TEXT_FIELDS = {"intitule": 8, "acronyme": 8, "diplome": 4, "metier": 3, "etablissement": 2, "lieu": 2}
"""Fields in which the tokens of a text are looked for, and what a match in each is worth.

Whole numbers, as are the factors below: sums of them are exact in the 32-bit floats of both engines,
so that both give the same scores, and the same order.
"""

EXACT, SYNONYM, PREFIX, FUZZY, FUZZIER = 8, 6, 6, 4, 2
"""Factors: how much of a field's worth a match is, by how the token was come to."""

WITHIN_KM = (10, 30, 60, 100, 200)
"""Distances that the facet counts for."""

NO_SESSION = 999_999
"""Stands for the month of a training without a session: after all others."""

MAX_DIPLOMES = 100
"""Kinds of diploma that the facet gives at most."""


class FormationSort(Enum):
    """Each ends with (distance), folded title and id, so that the order is total."""

    DISTANCE = "distance"
    """Distance; trainings without a known place last."""
    RELEVANCE = "relevance"
    """Score, best first; then `mots`, the fewest first; then distance."""
    START = "start"
    """Month of the first session, soonest first; then distance."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token that a typed word may stand for."""

    token: str
    factor: int


@dataclass(frozen=True, slots=True)
class TextQuery:
    """A text, as tokens to look for: one group for each word typed.

    The score of a training is the sum over the groups of the best of (weight of the field x factor)
    over the alternatives of the group and the fields that hold them.
    """

    groups: tuple[tuple[Alternative, ...], ...]
    match_all: bool = True
    """Whether each group must match somewhere, or any one is enough."""


@dataclass(frozen=True, slots=True)
class Refinements:
    """Filters that have a facet: each facet is counted with all of them but its own."""

    niveaux: frozenset[int] = field(default_factory=frozenset)
    diplomes: frozenset[str] = field(default_factory=frozenset)
    domaines: frozenset[str] = field(default_factory=frozenset)
    """Letter and two digits; a training has those of its ROME codes."""
    departements: frozenset[str] = field(default_factory=frozenset)
    mois: frozenset[str] = field(default_factory=frozenset)
    """`YYYY-MM`, of any of its sessions."""
    qualiopi: bool | None = None
    """False: not held, or unknown."""


@dataclass(frozen=True, slots=True)
class FormationCriteria:
    """What to search for; each part narrows, and an empty one does not.

    The zone's radius is refined by the facet of distances, and counts as its filter.
    """

    romes: frozenset[str] = field(default_factory=frozenset)
    """Any of them."""
    rome_domaine: str | None = None
    """How a ROME code begins: a letter, or a letter and two digits."""
    rncps: frozenset[str] = field(default_factory=frozenset)
    zone: Zone = field(default_factory=Zone)
    texte: TextQuery | None = None
    refinements: Refinements = field(default_factory=Refinements)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a row stands in the order of a search: what a cursor holds of it.

    It is a place, not a view of the data. The page after it is of what is served when it is asked
    for: where an import has replaced the data in between, rows that did not change are neither
    repeated nor left out, whether the row of the position still exists or not. A row that moved in
    the order may come twice or not at all.
    """

    score: int
    """0 without a text."""
    mots: int
    """Words of its title."""
    first_month: int
    """Month of its first session as a number, 202709; NO_SESSION without one."""
    distance_km: float | None
    """None without an origin, or for a training without a known place, which comes last."""
    title: str
    """Folded."""
    id: str


@dataclass(frozen=True, slots=True)
class PageWanted:
    """Which part of the rows to give, in which order, and whether to count the facets of all."""

    first: int
    after: Position | None = None
    sort: FormationSort = FormationSort.DISTANCE
    with_facets: bool = False
    today: str = ""
    """Current month, `YYYY-MM`: months before it are no facet."""


@dataclass(frozen=True, slots=True)
class Facets:
    """Value and number of trainings, in the order in which they are shown; no zero but in distances."""

    niveaux: tuple[tuple[int, int], ...] = ()
    """Ascending; trainings of an unknown level are in none."""
    diplomes: tuple[tuple[str, int], ...] = ()
    """Most frequent first, then by name; MAX_DIPLOMES at most."""
    domaines: tuple[tuple[str, int], ...] = ()
    departements: tuple[tuple[str, int], ...] = ()
    """Both most frequent first, then by code."""
    mois: tuple[tuple[str, int], ...] = ()
    """Ascending, from PageWanted.today on."""
    qualiopi: int = 0
    distances: tuple[tuple[int, int], ...] = ()
    """For each of WITHIN_KM, trainings that are not farther, whatever the radius; () without an origin."""


@dataclass(frozen=True, slots=True)
class FoundFormation:
    """A training as a search found it."""

    formation: Formation
    position: Position


@dataclass(frozen=True, slots=True)
class FormationPage:
    """One page of a search, and what is known of the whole of it."""

    rows: tuple[FoundFormation, ...]
    total: int
    has_next: bool
    facets: Facets | None = None
    """None when not asked for."""
    plus_proches: tuple[FoundFormation, ...] = ()
    """When nothing is within the radius, the 5 nearest that meet the other criteria."""

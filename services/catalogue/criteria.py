"""The criteria, orders and results of a search for trainings, common to both engines."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from services.catalogue.formation import Formation
from services.france.geo import Zone

TEXT_FIELDS = {"intitule": 8, "acronyme": 8, "diplome": 4, "metier": 3, "etablissement": 2, "lieu": 2}
"""The fields of a text search, with the weight of a match in each.

Weights and factors are whole numbers: their sums are exact in the 32-bit floats of both engines, so
both engines give the same scores and the same order.
"""

EXACT, SYNONYM, PREFIX, FUZZY, FUZZIER = 8, 6, 6, 4, 2
"""Factors that multiply the weight of a field, by how the token was derived from the typed word."""

WITHIN_KM = (10, 30, 60, 100, 200)
"""The radii of the facet of distances."""

NO_SESSION = 999_999
"""The month of a training without a session; it sorts after all others."""

MAX_DIPLOMES = 100
"""Limit on the values of the facet of diplomas."""


class FormationSort(Enum):
    """The orders. Each ends with distance (when there is an origin), folded title and id: ties are broken."""

    DISTANCE = "distance"
    """By distance; trainings without a known place come last."""
    RELEVANCE = "relevance"
    """By score, highest first, then by `mots`, fewest first, then by distance."""
    START = "start"
    """By month of the first session, then by distance."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token that a typed word may mean, with the factor of its match."""

    token: str
    factor: int


@dataclass(frozen=True, slots=True)
class TextQuery:
    """A text as groups of alternative tokens, usually one group for each typed word.

    The score of a group is the highest (weight of the field x factor) over its alternatives and the
    fields that contain them. The score of a training is the sum over the groups.
    """

    groups: tuple[tuple[Alternative, ...], ...]
    match_all: bool = True
    """Whether every group must match; if not, one is enough."""


@dataclass(frozen=True, slots=True)
class Refinements:
    """The filters that have a facet. A facet is counted under all of them except its own."""

    niveaux: frozenset[int] = field(default_factory=frozenset)
    diplomes: frozenset[str] = field(default_factory=frozenset)
    domaines: frozenset[str] = field(default_factory=frozenset)
    """The first three characters of a ROME code: a letter and two digits."""
    departements: frozenset[str] = field(default_factory=frozenset)
    mois: frozenset[str] = field(default_factory=frozenset)
    """`YYYY-MM`; a training matches by any of its sessions."""
    qualiopi: bool | None = None
    """False finds those without the label and those where it is unknown. None does not filter."""


@dataclass(frozen=True, slots=True)
class FormationCriteria:
    """The filters of a search, which must all match. An empty one does not filter.

    The radius of the zone is also the filter of the facet of distances.
    """

    romes: frozenset[str] = field(default_factory=frozenset)
    """One of them must match."""
    rome_domaine: str | None = None
    """A prefix of a ROME code: a letter, or a letter and two digits."""
    rncps: frozenset[str] = field(default_factory=frozenset)
    zone: Zone = field(default_factory=Zone)
    texte: TextQuery | None = None
    refinements: Refinements = field(default_factory=Refinements)


@dataclass(frozen=True, slots=True)
class Position:
    """The sort keys of a row, stored in a cursor.

    A position is not a snapshot: the next page comes from the data served at that moment. After an
    import, unchanged rows are neither repeated nor skipped, even when the row of the position is
    gone. A row that moved in the order may be repeated or skipped.
    """

    score: int
    """0 without a text."""
    mots: int
    """Number of words in its title."""
    first_month: int
    """Month of its first session as a number, such as 202709; NO_SESSION without one."""
    distance_km: float | None
    """None without an origin, and for a training without a known place, which comes last."""
    title: str
    """Folded."""
    id: str


@dataclass(frozen=True, slots=True)
class PageWanted:
    """The part of the rows to return, their order, and whether to count the facets over all rows."""

    first: int
    after: Position | None = None
    sort: FormationSort = FormationSort.DISTANCE
    with_facets: bool = False
    today: str = ""
    """The current month, `YYYY-MM`; the facet of months leaves out earlier ones."""


@dataclass(frozen=True, slots=True)
class Facets:
    """Pairs of a value and its number of trainings, in display order. Only distances list zero counts."""

    niveaux: tuple[tuple[int, int], ...] = ()
    """Ascending, without the unknown level."""
    diplomes: tuple[tuple[str, int], ...] = ()
    """Most frequent first, then by name; MAX_DIPLOMES at most."""
    domaines: tuple[tuple[str, int], ...] = ()
    """Most frequent first, then by code."""
    departements: tuple[tuple[str, int], ...] = ()
    """Most frequent first, then by code."""
    mois: tuple[tuple[str, int], ...] = ()
    """Ascending, from PageWanted.today on."""
    qualiopi: int = 0
    distances: tuple[tuple[int, int], ...] = ()
    """For each of WITHIN_KM, the trainings within it, whatever the radius; empty without an origin."""


@dataclass(frozen=True, slots=True)
class FoundFormation:
    """A training found by a search, with its position in the order."""

    formation: Formation
    position: Position


@dataclass(frozen=True, slots=True)
class FormationPage:
    """One page of a search, with the totals and facets of the whole search."""

    rows: tuple[FoundFormation, ...]
    total: int
    has_next: bool
    facets: Facets | None = None
    """None when not asked for."""
    plus_proches: tuple[FoundFormation, ...] = ()
    """The 5 nearest trainings that meet the other criteria, when none is within the radius."""

"""The facets of a search of trainings, and the filters that take their values."""

from __future__ import annotations

import strawberry

from gateway.execution.binding import bind
from gateway.execution.cost_directives import holds
from gateway.types.niveau import Niveau
from protos import catalogue_pb2 as pb


@bind(pb.NiveauCount, description="Nombre de formations d'un niveau.")
class NiveauCount:
    """Bound to lba.catalogue.v1.NiveauCount."""

    value: Niveau | None = strawberry.field(description="Le niveau ; null s'il n'est pas connu.")
    count: int = strawberry.field(description="Nombre de formations.")


@bind(pb.FacetCount, description="Nombre de formations qui ont une valeur.")
class FacetCount:
    """Bound to lba.catalogue.v1.FacetCount."""

    value: str = strawberry.field(description="La valeur, à donner telle quelle dans le filtre.")
    count: int = strawberry.field(description="Nombre de formations.")


@bind(pb.DistanceCount, description="Nombre de formations jusqu'à une distance.")
class DistanceCount:
    """Bound to lba.catalogue.v1.DistanceCount."""

    within_km: int = strawberry.field(description="Distance, plus proches comprises.")
    count: int = strawberry.field(description="Nombre de formations.")


@bind(
    pb.FormationFacets,
    description="Décomptes pour préciser la recherche ; chacun ignore son propre filtre.",
)
class FormationFacets:
    """Bound to lba.catalogue.v1.FormationFacets."""

    niveaux: list[NiveauCount] = strawberry.field(
        directives=[holds(6)], description="Par niveau, du plus bas au plus haut."
    )
    diplomes: list[FacetCount] = strawberry.field(
        directives=[holds(20)], description="Par type de diplôme, le plus fréquent d'abord."
    )
    domaines: list[FacetCount] = strawberry.field(
        directives=[holds(20)], description="Par domaine de métiers (« D11 »), le plus fréquent d'abord."
    )
    departements: list[FacetCount] = strawberry.field(
        directives=[holds(20)], description="Par département, le plus fréquent d'abord."
    )
    mois: list[FacetCount] = strawberry.field(
        directives=[holds(12)], description="Par mois de rentrée à venir, dans l'ordre du temps."
    )
    qualiopi: int = strawberry.field(description="Chez des organismes certifiés Qualiopi.")
    distances: list[DistanceCount] = strawberry.field(
        directives=[holds(5)],
        description="Jusqu'à 10, 30, 60, 100 et 200 km, quel que soit le rayon ; vide sans lieu.",
    )


@strawberry.input(description="Filtres des formations ; les valeurs sont celles des facettes.")
class FormationFiltersInput:
    """Checked by the catalogue."""

    niveaux: list[Niveau] = strawberry.field(
        default_factory=list, description="L'un ou l'autre de ces niveaux."
    )
    diplomes: list[str] = strawberry.field(
        default_factory=list, description="L'un ou l'autre de ces types de diplôme."
    )
    domaines: list[str] = strawberry.field(
        default_factory=list, description="L'un ou l'autre de ces domaines de métiers : « D11 »."
    )
    departements: list[str] = strawberry.field(
        default_factory=list, description="L'un ou l'autre de ces départements."
    )
    mois: list[str] = strawberry.field(
        default_factory=list, description="Une rentrée l'un de ces mois : « 2027-09 »."
    )
    qualiopi: bool | None = strawberry.field(
        default=None, description="Vrai : organismes certifiés seulement ; faux : les autres."
    )

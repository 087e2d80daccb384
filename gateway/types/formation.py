"""Trainings."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, cast

import strawberry

from gateway.context import Context, Info
from gateway.execution.binding import as_type, bind, bind_enum, parse_global_id
from gateway.execution.cost_directives import holds, weighs
from gateway.execution.row_fields import ROW_FIELD
from gateway.types.etablissement import Etablissement
from gateway.types.formation_facets import FormationFacets
from gateway.types.lieu import Lieu
from gateway.types.metier import Rome
from gateway.types.niveau import Niveau
from gateway.types.node import Node, NodeType
from gateway.types.paging import PageInfo
from gateway.types.rendez_vous import RendezVousFormation
from gateway.types.scalars import URL, Date
from protos import catalogue_pb2 as pb
from services.common.errors import InvalidRequest, NotFound, Problem


@bind_enum(pb.FormationSort, description="Ordre des formations.")
class FormationSort(Enum):
    """Bound to lba.catalogue.v1.FormationSort."""

    DISTANCE = strawberry.enum_value(1, description="Les plus proches d'abord ; sans lieu, par intitulé.")
    RELEVANCE = strawberry.enum_value(2, description="Celles qui répondent le mieux au texte d'abord.")
    START = strawberry.enum_value(3, description="Les rentrées les plus proches d'abord.")


def _rendez_vous(root: strawberry.Parent[pb.Formation], info: Info) -> RendezVousFormation:
    return cast("RendezVousFormation", info.context.loaders.few_creneaux(root.id))


@bind(
    pb.Formation, key="id", description="Une formation en apprentissage, donnée en un lieu par un organisme."
)
class Formation(Node):
    """Bound to lba.catalogue.v1.Formation."""

    intitule: str = strawberry.field(description="Intitulé de la formation.")
    niveau: Niveau | None = strawberry.field(description="Niveau du diplôme préparé.")
    diplome: str | None = strawberry.field(description="Type de diplôme.")
    cfd: str | None = strawberry.field(description="Code formation diplôme, 8 caractères.")
    rncp: str | None = strawberry.field(description="Code de la certification : « RNCP37537 ».")
    intitule_rncp: str | None = strawberry.field(description="Intitulé de la certification.")
    romes: list[str] = strawberry.field(description="Codes ROME des métiers auxquels elle mène.")
    metiers: list[Rome] = strawberry.field(
        directives=[holds(5)], description="Les mêmes métiers, avec leurs libellés."
    )
    etablissement: Etablissement = strawberry.field(description="Qui enseigne (le formateur).")
    gestionnaire: Etablissement | None = strawberry.field(
        description="L'organisme responsable, quand le catalogue le connaît."
    )
    gestionnaire_siret: str | None = strawberry.field(description="SIRET de l'organisme responsable.")
    lieu: Lieu = strawberry.field(description="Où elle est donnée : les distances vont jusque-là.")
    sessions: list[str] = strawberry.field(description="Mois de rentrée à venir : « 2027-09 ».")
    capacite: int | None = strawberry.field(description="Places dans une session ; null : non connu.")
    rncp_url: URL | None = strawberry.field(description="Page de la certification chez France compétences.")
    onisep_url: URL | None = strawberry.field(description="Page à l'Onisep.")
    maj_le: Date | None = strawberry.field(description="Date de la dernière mise à jour par la source.")
    source: str = strawberry.field(description="D'où vient la fiche.")
    fictive: bool = strawberry.field(description="Vrai pour le jeu de démonstration.")
    rendez_vous: RendezVousFormation | None = strawberry.field(
        directives=[weighs(5)],
        resolver=_rendez_vous,
        metadata=ROW_FIELD,
        description="Prise de rendez-vous avec le CFA ; null, et une erreur à ce chemin, si le service ne "
        "répond pas.",
    )


async def _fetch(context: Context, formation_id: str) -> pb.Formation | None:
    return await context.loaders.formations.load(formation_id)


NODE = NodeType(Formation, _fetch)


@bind(pb.FormationEdge, description="Une formation, et ce qui en dépend de la recherche.")
class FormationEdge:
    """Bound to lba.catalogue.v1.FormationEdge."""

    cursor: str = strawberry.field(description="Place de la ligne, pour `after`.")
    node: Formation = strawberry.field(description="La formation.")
    distance_km: float | None = strawberry.field(
        description="Distance au centre de la recherche, à vol d'oiseau ; "
        "absente si l'une des deux positions est inconnue."
    )


@bind(pb.FormationProche, description="Une formation au-delà du rayon de la recherche.")
class FormationProche:
    """Bound to lba.catalogue.v1.FormationProche."""

    node: Formation = strawberry.field(description="La formation.")
    distance_km: float | None = strawberry.field(
        description="Distance au centre de la recherche, à vol d'oiseau ; "
        "absente si l'une des deux positions est inconnue."
    )


@bind(pb.MetierProche, description="Un métier proche de ceux que l'on cherche.")
class MetierProche:
    """Bound to lba.catalogue.v1.MetierProche."""

    rome: Rome = strawberry.field(description="Le métier.")
    formations_count: int = strawberry.field(
        description="Formations qui y mènent et répondent à tous les autres critères."
    )


@strawberry.type(description="Une page de formations.")
class FormationConnection:
    """Shows one answer of the catalogue; its rows are messages, or bytes not parsed yet."""

    edges: list[FormationEdge] = strawberry.field(description="Les lignes de la page.")
    page_info: PageInfo = strawberry.field(description="Où l'on en est dans la liste.")
    total_count: int = strawberry.field(description="Nombre de formations, toutes pages comprises.")
    facets: FormationFacets | None = strawberry.field(
        directives=[weighs(50)], description="Décomptes par critère."
    )
    plus_proches: list[FormationProche] = strawberry.field(
        directives=[holds(5)],
        description="Quand il n'y a rien dans le rayon : les formations les plus proches (5 au plus).",
    )
    metiers_proches: list[MetierProche] = strawberry.field(
        directives=[holds(5)],
        description="Quand il y a moins de 5 formations : des métiers proches qui en ont.",
    )
    message: str | None = strawberry.field(
        description="Ce qu'il faut dire à la personne quand il n'y a rien dans le rayon."
    )


async def _formation(
    info: Info,
    id: Annotated[  # noqa: A002 - Relay's name
        strawberry.ID, strawberry.argument(description="Identifiant global, reçu dans un champ id.")
    ],
) -> Formation:
    parsed = parse_global_id(id)
    if parsed is None or parsed[0] != "Formation":
        message = f"« {id} » n'est pas l'identifiant d'une formation ; donnez le champ id d'une Formation"
        raise InvalidRequest([Problem("id", message)])
    formation = await _fetch(info.context, parsed[1])
    if formation is None:
        raise NotFound(f"id : aucune formation « {id} » ; elle a pu quitter le catalogue")
    return as_type(Formation, formation)


@strawberry.type
class FormationQuery:
    """Fields of Query."""

    formation: Formation | None = strawberry.field(
        directives=[weighs(20)], resolver=_formation, description="Une formation, par son identifiant global."
    )

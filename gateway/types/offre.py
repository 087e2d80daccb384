"""Published apprenticeship offers."""

from __future__ import annotations

from enum import Enum

import strawberry

from gateway.context import Context
from gateway.execution.binding import bind, bind_enum
from gateway.types.employeur import Employeur
from gateway.types.node import NodeType
from gateway.types.paging import PageInfo
from gateway.types.scalars import URL, DateTime
from protos import jobs_pb2 as pb
from protos.services import JOBS


@bind_enum(pb.ContratType, description="Type de contrat en alternance.")
class ContratType(Enum):
    """Bound to lba.jobs.v1.ContratType."""

    APPRENTISSAGE = strawberry.enum_value(1, description="Contrat d'apprentissage.")
    PROFESSIONNALISATION = strawberry.enum_value(2, description="Contrat de professionnalisation.")


@bind_enum(pb.OffreSort, description="Ordre des offres.")
class OffreSort(Enum):
    """Bound to lba.jobs.v1.OffreSort."""

    DISTANCE = strawberry.enum_value(1, description="Les plus proches d'abord.")
    DATE = strawberry.enum_value(2, description="Les plus récentes d'abord.")


@bind(pb.EntrepriseOffre, description="L'entreprise d'une offre.")
class EntrepriseOffre:
    """Bound to lba.jobs.v1.EntrepriseOffre; its SIRET is for the gateway alone."""

    nom: str | None = strawberry.field(description="Absent quand l'employeur veut rester anonyme.")
    description: str | None = strawberry.field(description="Présentation par l'employeur.")
    url: URL | None = strawberry.field(description="Site de l'entreprise.")


@bind(pb.ContratOffre, description="Le contrat proposé.")
class ContratOffre:
    """Bound to lba.jobs.v1.ContratOffre."""

    type: ContratType | None = strawberry.field(description="Apprentissage ou professionnalisation.")
    libelle: str | None = strawberry.field(description="Selon la source : « CDD - 12 mois ».")
    duree_travail: str | None = strawberry.field(description="Selon la source : « 35H/semaine ».")


@bind(pb.Offre, key="id", description="Une offre d'emploi en alternance, publiée chez France Travail.")
class Offre(Employeur):
    """Bound to lba.jobs.v1.Offre."""

    intitule: str = strawberry.field(description="Intitulé de l'offre.")
    description: str | None = strawberry.field(description="Texte de l'offre.")
    rome: str | None = strawberry.field(description="Code ROME.")
    rome_libelle: str | None = strawberry.field(description="Libellé du code ROME.")
    appellation: str | None = strawberry.field(description="Nom courant du métier.")
    entreprise: EntrepriseOffre | None = strawberry.field(description="Qui recrute.")
    contrat: ContratOffre | None = strawberry.field(description="Le contrat proposé.")
    publiee_le: DateTime | None = strawberry.field(description="Instant de publication.")
    actualisee_le: DateTime | None = strawberry.field(description="Dernière mise à jour.")
    url: URL | None = strawberry.field(description="Page où lire l'offre et y répondre.")
    nombre_postes: int | None = strawberry.field(description="Postes à pourvoir.")


async def _fetch(context: Context, id_: str) -> pb.Offre:
    jobs = context.clients[JOBS]
    return (await jobs.read(jobs.stub.GetOffre, pb.GetOffreRequest(id=id_))).offre


NODE = NodeType(Offre, _fetch)


@bind(pb.OffreEdge, description="Une offre, et ce qui en dépend de la recherche.")
class OffreEdge:
    """Bound to lba.jobs.v1.OffreEdge."""

    cursor: str = strawberry.field(description="Place de la ligne, pour `after`.")
    node: Offre = strawberry.field(description="L'offre.")
    distance_km: float | None = strawberry.field(
        description="Distance au centre de la recherche, à vol d'oiseau ; "
        "absente si l'une des deux positions est inconnue."
    )


@strawberry.type(description="Une page d'offres.")
class OffreConnection:
    """Shows one answer of the jobs service; its rows are messages, or bytes not parsed yet."""

    edges: list[OffreEdge] = strawberry.field(description="Les lignes de la page.")
    page_info: PageInfo = strawberry.field(description="Où l'on en est dans la liste.")
    total_count: int = strawberry.field(description="Nombre d'offres, toutes pages comprises.")

"""Needs of very small companies, gathered with their OPCO."""

from __future__ import annotations

from enum import Enum

import strawberry

from gateway.context import Context
from gateway.execution.binding import bind, bind_enum
from gateway.types.employeur import Employeur
from gateway.types.niveau import Niveau
from gateway.types.node import NodeType
from gateway.types.paging import PageInfo
from gateway.types.scalars import Date, DateTime
from protos import matcha_pb2 as pb
from protos.services import MATCHA


@bind_enum(pb.BesoinStatut, description="État d'un besoin.")
class BesoinStatut(Enum):
    """Bound to lba.matcha.v1.BesoinStatut."""

    EN_ATTENTE = strawberry.enum_value(1, description="Déposé, pas encore validé : hors des recherches.")
    ACTIF = strawberry.enum_value(2, description="Ouvert aux candidats.")
    POURVU = strawberry.enum_value(3, description="Quelqu'un a été recruté.")
    ANNULE = strawberry.enum_value(4, description="Retiré.")
    EXPIRE = strawberry.enum_value(5, description="Sa date est passée.")


@bind_enum(pb.BesoinContrat, description="Contrat proposé pour un besoin.")
class BesoinContrat(Enum):
    """Bound to lba.matcha.v1.BesoinContrat."""

    APPRENTISSAGE = strawberry.enum_value(1, description="Contrat d'apprentissage.")
    PROFESSIONNALISATION = strawberry.enum_value(2, description="Contrat de professionnalisation.")


@bind_enum(pb.Rythme, description="Temps en entreprise et temps au centre de formation.")
class Rythme(Enum):
    """Bound to lba.matcha.v1.Rythme."""

    DEUX_JOURS_TROIS_JOURS = strawberry.enum_value(1, description="2 jours / 3 jours.")
    UNE_SEMAINE_UNE_SEMAINE = strawberry.enum_value(2, description="1 semaine / 1 semaine.")
    DEUX_SEMAINES_TROIS_SEMAINES = strawberry.enum_value(3, description="2 semaines / 3 semaines.")
    SIX_SEMAINES_SIX_SEMAINES = strawberry.enum_value(4, description="6 semaines / 6 semaines.")


@bind_enum(pb.BesoinSort, description="Ordre des besoins.")
class BesoinSort(Enum):
    """Bound to lba.matcha.v1.BesoinSort."""

    DISTANCE = strawberry.enum_value(1, description="Les plus proches d'abord.")
    DATE = strawberry.enum_value(2, description="Les plus récents d'abord.")


@bind(pb.EntrepriseBesoin, description="L'entreprise qui a un besoin ; ses contacts ne sortent jamais.")
class EntrepriseBesoin:
    """Bound to lba.matcha.v1.EntrepriseBesoin."""

    siret: str = strawberry.field(description="Numéro SIRET, 14 chiffres.")
    raison_sociale: str = strawberry.field(description="Raison sociale.")
    enseigne: str | None = strawberry.field(description="Enseigne.")
    naf: str | None = strawberry.field(description="Code d'activité (NAF rév. 2).")


@bind(pb.BesoinMatcha, key="id", description="Le besoin d'une petite entreprise, recueilli avec son OPCO.")
class BesoinMatcha(Employeur):
    """Bound to lba.matcha.v1.BesoinMatcha."""

    intitule: str = strawberry.field(description="Intitulé du besoin.")
    description: str | None = strawberry.field(description="Texte du besoin.")
    romes: list[str] = strawberry.field(description="Codes ROME.")
    niveau: Niveau | None = strawberry.field(description="Niveau visé ; null : indifférent.")
    opco: str | None = strawberry.field(description="Opérateur de compétences ; null s'il n'est pas connu.")
    entreprise: EntrepriseBesoin = strawberry.field(description="Qui recrute.")
    contrats: list[BesoinContrat] = strawberry.field(description="Contrats proposés.")
    rythme: Rythme | None = strawberry.field(description="Rythme de l'alternance.")
    duree_mois: int | None = strawberry.field(description="Durée du contrat, en mois.")
    quantite: int = strawberry.field(description="Nombre d'apprentis cherchés.")
    start_le: Date | None = strawberry.field(description="Premier jour.")
    cree_le: DateTime = strawberry.field(description="Instant du dépôt.")
    expire_le: DateTime = strawberry.field(description="Instant d'expiration.")
    statut: BesoinStatut | None = strawberry.field(description="État du besoin.")


async def _fetch(context: Context, id_: str) -> pb.BesoinMatcha:
    matcha = context.clients[MATCHA]
    return (await matcha.read(matcha.stub.GetBesoin, pb.GetBesoinRequest(id=id_))).besoin


NODE = NodeType(BesoinMatcha, _fetch)


@bind(pb.BesoinEdge, description="Un besoin, et ce qui en dépend de la recherche.")
class BesoinEdge:
    """Bound to lba.matcha.v1.BesoinEdge."""

    cursor: str = strawberry.field(description="Place de la ligne, pour `after`.")
    node: BesoinMatcha = strawberry.field(description="Le besoin.")
    distance_km: float | None = strawberry.field(
        description="Distance au centre de la recherche, à vol d'oiseau ; "
        "absente si l'une des deux positions est inconnue."
    )


@strawberry.type(description="Une page de besoins.")
class BesoinConnection:
    """Shows one answer of the matcha service; its rows are messages, or bytes not parsed yet."""

    edges: list[BesoinEdge] = strawberry.field(description="Les lignes de la page.")
    page_info: PageInfo = strawberry.field(description="Où l'on en est dans la liste.")
    total_count: int = strawberry.field(description="Nombre de besoins, toutes pages comprises.")

"""Appointments with a training centre."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, cast

import strawberry

from gateway.context import Info
from gateway.execution.binding import as_list_of, bind, bind_enum
from gateway.execution.cost_directives import SIZED_BY_FIRST, weighs
from gateway.execution.row_fields import ROW_FIELD
from gateway.types.scalars import DateTime
from gateway.upstream.loaders import PREFETCHED_CRENEAUX
from protos import rdv_pb2 as pb
from services.common.checks import first_problems, raise_if_any

_MAX_CRENEAUX = 50


@bind(pb.Creneau, description="Un créneau proposé par un CFA.")
class Creneau:
    """Bound to lba.rdv.v1.Creneau."""

    id: strawberry.ID = strawberry.field(description="À donner à `bookRendezVous`.")
    start: DateTime = strawberry.field(description="Début.")
    end: DateTime = strawberry.field(description="Fin.")


def _next_creneaux(
    root: strawberry.Parent[pb.FormationCreneaux],
    info: Info,
    first: Annotated[int, strawberry.argument(description="Nombre de créneaux, de 0 à 50.")] = 3,
) -> list[Creneau]:
    raise_if_any(first_problems(first, at_most=_MAX_CRENEAUX))
    if first <= PREFETCHED_CRENEAUX:
        return as_list_of(Creneau, root.creneaux[:first])
    # This resolver is not `async`: an awaited row costs more than its slots.
    return cast("list[Creneau]", _more_creneaux(root, info, first))


async def _more_creneaux(root: pb.FormationCreneaux, info: Info, first: int) -> list[Creneau]:
    more = await info.context.loaders.creneaux(first).load(root.formation_id)
    return as_list_of(Creneau, more.creneaux)


@bind(pb.FormationCreneaux, description="La prise de rendez-vous pour une formation.")
class RendezVousFormation:
    """Bound to lba.rdv.v1.FormationCreneaux."""

    open: bool = strawberry.field(description="Vrai si le CFA prend des rendez-vous pour cette formation.")
    next_creneaux: list[Creneau] = strawberry.field(
        directives=[weighs(5), SIZED_BY_FIRST],
        resolver=_next_creneaux,
        metadata=ROW_FIELD,
        description="Les prochains créneaux libres, dans l'ordre du temps.",
    )


@bind_enum(pb.RendezVousStatut, description="État d'un rendez-vous.")
class RendezVousStatut(Enum):
    """Bound to lba.rdv.v1.RendezVousStatut."""

    CONFIRME = strawberry.enum_value(1, description="Réservé : le créneau n'est plus à personne d'autre.")


@bind(pb.RendezVous, description="Un rendez-vous réservé. Il ne montre aucune donnée personnelle.")
class RendezVous:
    """Bound to lba.rdv.v1.RendezVous."""

    id: strawberry.ID = strawberry.field(description="Identifiant, à garder : il ne se devine pas.")
    siret: str = strawberry.field(description="SIRET du CFA.")
    creneau: Creneau = strawberry.field(description="Le créneau réservé.")
    statut: RendezVousStatut | None = strawberry.field(description="État du rendez-vous.")
    cree_le: DateTime = strawberry.field(description="Instant de la réservation.")

"""Employers who are likely to hire although they published nothing."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import strawberry

from gateway.context import Context, Info
from gateway.execution.binding import as_type, bind, bind_enum
from gateway.execution.cost_directives import holds, weighs
from gateway.types.employeur import Employeur
from gateway.types.node import NodeType
from gateway.types.paging import PageInfo
from protos import prediction_pb2 as pb
from protos.services import PREDICTION


@bind_enum(pb.RecruteurSort, description="Ordre des recruteurs probables.")
class RecruteurSort(Enum):
    """Bound to lba.prediction.v1.RecruteurSort."""

    DISTANCE = strawberry.enum_value(1, description="Les plus proches d'abord.")
    SCORE = strawberry.enum_value(2, description="Les plus probables d'abord.")


@bind(pb.Naf, description="Un code d'activité (NAF rév. 2).")
class Naf:
    """Bound to lba.prediction.v1.Naf."""

    code: str = strawberry.field(description="Quatre chiffres et une lettre : « 1071C ».")
    libelle: str = strawberry.field(description="Libellé du code.")


@bind(pb.Raison, description="Une raison d'un score.")
class Raison:
    """Bound to lba.prediction.v1.Raison."""

    libelle: str = strawberry.field(description="La raison, pour la personne.")
    poids: float = strawberry.field(description="Part du score qu'elle explique, de -1 à 1.")


@bind(pb.Explication, description="Pourquoi un recruteur probable a son score pour un métier.")
class Explication:
    """Bound to lba.prediction.v1.Explication."""

    score: int = strawberry.field(description="Score pour ce métier, de 0 à 100.")
    score_general: int = strawberry.field(description="Score pour tous les métiers ensemble, de 0 à 100.")
    embauches_prevues: float = strawberry.field(
        description="Embauches d'apprentis prévues dans les six mois, tous métiers ensemble."
    )
    affinite: float | None = strawberry.field(
        description="Part de ce métier dans les embauches du secteur d'activité, de 0 à 1 ; null si elle "
        "n'est pas connue : le score est alors le score général."
    )
    raisons: list[Raison] = strawberry.field(
        directives=[holds(5)], description="Pourquoi ce score pour ce métier, la plus forte d'abord."
    )


async def _explication(
    root: strawberry.Parent[pb.RecruteurProbable],
    info: Info,
    rome: Annotated[str, strawberry.argument(description="Code ROME du métier : « D1102 ».")],
) -> Explication | None:
    found = await info.context.loaders.explications(rome).load(root.siret)
    return None if found is None else as_type(Explication, found)


@bind(
    pb.RecruteurProbable,
    key="siret",
    description="Un employeur qui recrutera probablement, d'après ses embauches passées.",
)
class RecruteurProbable(Employeur):
    """Bound to lba.prediction.v1.RecruteurProbable."""

    siret: str = strawberry.field(description="Numéro SIRET, 14 chiffres.")
    raison_sociale: str = strawberry.field(description="Raison sociale.")
    enseigne: str | None = strawberry.field(description="Enseigne.")
    naf: Naf | None = strawberry.field(description="Activité.")
    tranche_effectif: str | None = strawberry.field(description="Tranche d'effectif, code INSEE.")
    score: int = strawberry.field(
        description="De 0 à 100 : probabilité relative d'embaucher, tous métiers ensemble."
    )
    raisons: list[Raison] = strawberry.field(
        directives=[weighs(5), holds(5)],
        description="Pourquoi ce score, tous métiers ensemble, la plus forte d'abord.",
    )
    explication: Explication | None = strawberry.field(
        directives=[weighs(10)],
        resolver=_explication,
        description="Le score pour un métier, et pourquoi ; null si l'employeur n'est plus connu.",
    )


async def _fetch(context: Context, siret: str) -> pb.RecruteurProbable | None:
    prediction = context.clients[PREDICTION]
    request = pb.GetRecruteursRequest(sirets=[siret])
    answer = await prediction.read(prediction.stub.GetRecruteurs, request)
    return next(iter(answer.recruteurs), None)


NODE = NodeType(RecruteurProbable, _fetch)


@bind(pb.RecruteurEdge, description="Un recruteur probable, et ce qui en dépend de la recherche.")
class RecruteurEdge:
    """Bound to lba.prediction.v1.RecruteurEdge."""

    cursor: str = strawberry.field(description="Place de la ligne, pour `after`.")
    node: RecruteurProbable = strawberry.field(description="Le recruteur probable.")
    distance_km: float | None = strawberry.field(
        description="Distance au centre de la recherche, à vol d'oiseau ; absente sans centre."
    )
    score: int = strawberry.field(
        description="De 0 à 100 : probabilité relative d'embaucher pour les métiers demandés."
    )
    romes: list[str] = strawberry.field(description="Métiers demandés qu'il recrute, le meilleur d'abord.")
    raisons: list[Raison] = strawberry.field(
        directives=[weighs(5), holds(5)],
        description="Pourquoi ce score pour les métiers demandés, la plus forte d'abord.",
    )


@strawberry.type(description="Une page de recruteurs probables.")
class RecruteurConnection:
    """Shows one answer of the prediction service; its rows are messages, or bytes not parsed yet."""

    edges: list[RecruteurEdge] = strawberry.field(description="Les lignes de la page.")
    page_info: PageInfo = strawberry.field(description="Où l'on en est dans la liste.")
    total_count: int = strawberry.field(description="Nombre de recruteurs, toutes pages comprises.")

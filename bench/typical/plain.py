"""The typical query in ordinary strawberry code: plain types, and resolvers that fill them."""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry.extensions import ParserCache, ValidationCache

from bench.typical.ours import Services
from protos import catalogue_pb2, prediction_pb2


@strawberry.enum
class Niveau(Enum):
    """Its values are the proto numbers."""

    NIVEAU_3 = 3
    NIVEAU_4 = 4
    NIVEAU_5 = 5
    NIVEAU_6 = 6
    NIVEAU_7 = 7


@strawberry.type
class Etablissement:
    """The organisation that trains."""

    siret: str
    raison_sociale: str


@strawberry.type
class Lieu:
    """A place."""

    commune: str | None


@strawberry.type
class Formation:
    """A training."""

    intitule: str
    niveau: Niveau | None
    diplome: str | None
    cfd: str | None
    rncp: str | None
    intitule_rncp: str | None
    gestionnaire_siret: str | None
    sessions: list[str]
    maj_le: str | None
    source: str
    fictive: bool
    etablissement: Etablissement
    lieu: Lieu


@strawberry.type
class Naf:
    """An activity."""

    code: str
    libelle: str


@strawberry.type
class Recruteur:
    """An employer."""

    siret: str
    raison_sociale: str
    enseigne: str | None
    tranche_effectif: str | None
    score: int
    fictive: bool
    naf: Naf | None
    lieu: Lieu | None


@strawberry.type
class FormationEdge:
    """A row."""

    distance_km: float | None
    node: Formation


@strawberry.type
class RecruteurEdge:
    """A row."""

    distance_km: float | None
    node: Recruteur


@strawberry.type
class Formations:
    """A page."""

    edges: list[FormationEdge]


@strawberry.type
class Recruteurs:
    """A page."""

    edges: list[RecruteurEdge]


def _formation(row: catalogue_pb2.Formation) -> Formation:
    return Formation(
        intitule=row.intitule,
        niveau=Niveau(row.niveau) if row.niveau else None,
        diplome=row.diplome if row.HasField("diplome") else None,
        cfd=row.cfd if row.HasField("cfd") else None,
        rncp=row.rncp if row.HasField("rncp") else None,
        intitule_rncp=row.intitule_rncp if row.HasField("intitule_rncp") else None,
        gestionnaire_siret=row.gestionnaire_siret if row.HasField("gestionnaire_siret") else None,
        sessions=list(row.sessions),
        maj_le=row.maj_le if row.HasField("maj_le") else None,
        source=row.source,
        fictive=row.fictive,
        etablissement=Etablissement(
            siret=row.etablissement.siret, raison_sociale=row.etablissement.raison_sociale
        ),
        lieu=Lieu(commune=row.lieu.commune),
    )


def _recruteur(row: prediction_pb2.RecruteurProbable) -> Recruteur:
    return Recruteur(
        siret=row.siret,
        raison_sociale=row.raison_sociale,
        enseigne=row.enseigne if row.HasField("enseigne") else None,
        tranche_effectif=row.tranche_effectif if row.HasField("tranche_effectif") else None,
        score=row.score,
        fictive=row.fictive,
        naf=Naf(code=row.naf.code, libelle=row.naf.libelle) if row.HasField("naf") else None,
        lieu=Lieu(commune=row.lieu.commune) if row.HasField("lieu") else None,
    )


def _formation_edge(edge: catalogue_pb2.FormationEdge) -> FormationEdge:
    return FormationEdge(
        distance_km=edge.distance_km if edge.HasField("distance_km") else None, node=_formation(edge.node)
    )


def _recruteur_edge(edge: prediction_pb2.RecruteurEdge) -> RecruteurEdge:
    return RecruteurEdge(
        distance_km=edge.distance_km if edge.HasField("distance_km") else None, node=_recruteur(edge.node)
    )


@strawberry.type
class Query:
    """The two root fields."""

    @strawberry.field
    async def formations(self, info: strawberry.Info[Services, None]) -> Formations:
        answer = await info.context.formations()
        return Formations(edges=[_formation_edge(edge) for edge in answer.edges])

    @strawberry.field
    async def recruteurs(self, info: strawberry.Info[Services, None]) -> Recruteurs:
        answer = await info.context.recruteurs()
        return Recruteurs(edges=[_recruteur_edge(edge) for edge in answer.edges])


def schema(*, caches: bool) -> strawberry.Schema:
    """The schema; `caches` adds strawberry's caches of parsed and validated documents."""
    return strawberry.Schema(query=Query, extensions=[ParserCache, ValidationCache] if caches else [])

"""The floor for a gateway in Python: parse the messages, read the fields by hand, write the JSON."""

from __future__ import annotations

from typing import Any

import orjson

from protos import catalogue_pb2, diplome_pb2, prediction_pb2

_NIVEAUX = {value.number: value.name for value in diplome_pb2.Niveau.DESCRIPTOR.values if value.number}


def answer(formations: bytes, recruteurs: bytes) -> bytes:
    """The JSON answer, from the bytes of the two answers of the services."""
    page = catalogue_pb2.SearchFormationsResponse.FromString(formations)
    others = prediction_pb2.SearchRecruteursResponse.FromString(recruteurs)
    return orjson.dumps(
        {
            "data": {
                "formations": {"edges": [_edge(edge, _formation(edge.node)) for edge in page.edges]},
                "recruteurs": {"edges": [_edge(edge, _recruteur(edge.node)) for edge in others.edges]},
            }
        }
    )


def _edge(
    edge: catalogue_pb2.FormationEdge | prediction_pb2.RecruteurEdge, node: dict[str, Any]
) -> dict[str, Any]:
    return {"distanceKm": edge.distance_km if edge.HasField("distance_km") else None, "node": node}


def _formation(row: catalogue_pb2.Formation) -> dict[str, Any]:
    has, etablissement, lieu = row.HasField, row.etablissement, row.lieu
    return {
        "intitule": row.intitule,
        "niveau": _NIVEAUX.get(row.niveau),
        "diplome": row.diplome if has("diplome") else None,
        "cfd": row.cfd if has("cfd") else None,
        "rncp": row.rncp if has("rncp") else None,
        "intituleRncp": row.intitule_rncp if has("intitule_rncp") else None,
        "gestionnaireSiret": row.gestionnaire_siret if has("gestionnaire_siret") else None,
        "sessions": list(row.sessions),
        "majLe": row.maj_le if has("maj_le") else None,
        "source": row.source,
        "fictive": row.fictive,
        "etablissement": {"siret": etablissement.siret, "raisonSociale": etablissement.raison_sociale},
        "lieu": {"commune": lieu.commune if lieu.HasField("commune") else None},
    }


def _recruteur(row: prediction_pb2.RecruteurProbable) -> dict[str, Any]:
    has, naf, lieu = row.HasField, row.naf, row.lieu
    return {
        "siret": row.siret,
        "raisonSociale": row.raison_sociale,
        "enseigne": row.enseigne if has("enseigne") else None,
        "trancheEffectif": row.tranche_effectif if has("tranche_effectif") else None,
        "score": row.score,
        "fictive": row.fictive,
        "naf": {"code": naf.code, "libelle": naf.libelle} if has("naf") else None,
        "lieu": {"commune": lieu.commune if lieu.HasField("commune") else None} if has("lieu") else None,
    }

"""The two answers of the services: constant, and with values like the real ones."""

from __future__ import annotations

from protos import catalogue_pb2, diplome_pb2, geo_pb2, prediction_pb2

FORMATIONS = 50
RECRUTEURS = 100

_INTITULES = (
    "BOULANGER (CAP)",
    "MANAGEMENT COMMERCIAL OPERATIONNEL (BTS)",
    "ACCOMPAGNANT ÉDUCATIF PETITE ENFANCE (CAP)",
    "MÉTIERS DE L'ÉLECTRICITÉ ET DE SES ENVIRONNEMENTS CONNECTÉS (BAC PRO)",
    "INGÉNIEUR DIPLÔMÉ DE L'ÉCOLE NATIONALE SUPÉRIEURE DES ARTS ET MÉTIERS",
)
_COMMUNES = ("Paris 13e Arrondissement", "Évry-Courcouronnes", "Saint-Ouen-l'Aumône", "L'Haÿ-les-Roses")
_ENSEIGNES = ("AU BON PAIN", "LE « FOURNIL » D'À CÔTÉ", "BOULANGERIE DUPONT & FILS")


def formations() -> catalogue_pb2.SearchFormationsResponse:
    """A page of 50."""
    return catalogue_pb2.SearchFormationsResponse(
        edges=[
            catalogue_pb2.FormationEdge(
                cursor=f"c{row:04}", node=_formation(row), distance_km=round(0.37 + row * 0.61, 2)
            )
            for row in range(FORMATIONS)
        ],
        total_count=318,
        has_next_page=True,
    )


def recruteurs() -> prediction_pb2.SearchRecruteursResponse:
    """A page of 100."""
    return prediction_pb2.SearchRecruteursResponse(
        edges=[
            prediction_pb2.RecruteurEdge(
                cursor=f"c{row:04}",
                node=_recruteur(row),
                distance_km=round(0.12 + row * 0.29, 2),
                score=100 - row % 80,
                romes=["D1102"],
            )
            for row in range(RECRUTEURS)
        ],
        total_count=1_204,
        has_next_page=True,
    )


def _formation(row: int) -> catalogue_pb2.Formation:
    commune = _COMMUNES[row % len(_COMMUNES)]
    return catalogue_pb2.Formation(
        id=f"24_{201_000 + row}-{row * 7919 % 100_003:x}",
        intitule=_INTITULES[row % len(_INTITULES)],
        niveau=diplome_pb2.Niveau.ValueType(3 + row % 5) if row % 9 else diplome_pb2.NIVEAU_UNSPECIFIED,
        diplome="CERTIFICAT D'APTITUDES PROFESSIONNELLES",
        cfd=f"{50_022_101 + row}",
        rncp=f"RNCP{18_704 + row}" if row % 7 else None,
        intitule_rncp="Boulanger" if row % 7 else None,
        romes=["D1102"],
        etablissement=catalogue_pb2.Etablissement(
            siret=f"{34_182_077_700_000 + row}",
            raison_sociale="CENTRE DE FORMATION D'APPRENTIS",
            commune=commune,
        ),
        gestionnaire_siret=f"{34_182_077_700_000 + row}" if row % 4 else None,
        lieu=geo_pb2.Lieu(adresse=f"{row + 1} rue de la Forêt", commune=commune, code_postal="75013"),
        sessions=["2027-09", "2028-09"],
        maj_le="2026-10-02",
        source="Catalogue Carif-Oref (export de novembre 2020)",
    )


def _recruteur(row: int) -> prediction_pb2.RecruteurProbable:
    return prediction_pb2.RecruteurProbable(
        siret=f"{43_212_345_600_000 + row}",
        raison_sociale=f"BOULANGERIE PÂTISSERIE N° {row}",
        enseigne=_ENSEIGNES[row % len(_ENSEIGNES)] if row % 3 else None,
        naf=prediction_pb2.Naf(code="1071C", libelle="Boulangerie et boulangerie-pâtisserie"),
        tranche_effectif=("01", "02", "03", "11")[row % 4],
        lieu=geo_pb2.Lieu(
            adresse=f"{row + 1} avenue d'Italie", commune=_COMMUNES[row % len(_COMMUNES)], code_postal="75013"
        ),
        score=90 - row % 70,
        fictive=row % 2 == 0,
    )

"""Converts between the messages of `protos/catalogue.proto` and the domain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from protos import catalogue_pb2, diplome_pb2
from services.catalogue.criteria import Facets, FoundFormation, Position
from services.catalogue.etablissement import Etablissement
from services.catalogue.formation import Formation
from services.catalogue.mobilite import MetierProche
from services.catalogue.rome import Rome
from services.catalogue.suggest.metier import Metier
from services.catalogue.zone import (
    AroundCommune,
    AroundPoint,
    NamedZone,
    PlaceNamed,
    WholeDepartement,
    WholeFrance,
    WholeRegion,
)
from services.common.errors import InvalidRequest, Problem
from services.france.communes import Commune
from services.france.convert import lieu_to_proto, point_from_proto, point_to_proto, zone_to_proto


def etablissement_to_proto(etablissement: Etablissement) -> catalogue_pb2.Etablissement:
    lieu = etablissement.lieu
    return catalogue_pb2.Etablissement(
        siret=etablissement.siret,
        uai=etablissement.uai,
        raison_sociale=etablissement.raison_sociale,
        enseigne=etablissement.enseigne,
        lieu=lieu_to_proto(lieu) if lieu else None,
        commune=lieu.commune if lieu else None,
        qualiopi=etablissement.qualiopi,
    )


_RNCP_URL = "https://www.francecompetences.fr/recherche/rncp/{}/"


def formation_to_proto(
    formation: Formation, today: date, romes: Mapping[str, Rome]
) -> catalogue_pb2.Formation:
    """The message of a training. `romes` are the jobs to give labels for, by code."""
    gestionnaire = formation.gestionnaire
    return catalogue_pb2.Formation(
        id=formation.id,
        intitule=formation.intitule,
        niveau=diplome_pb2.Niveau.ValueType(formation.niveau),
        diplome=formation.diplome,
        cfd=formation.cfd,
        rncp=formation.rncp,
        intitule_rncp=formation.intitule_rncp,
        romes=formation.romes,
        etablissement=etablissement_to_proto(formation.etablissement),
        gestionnaire_siret=formation.gestionnaire_siret,
        lieu=lieu_to_proto(formation.lieu),
        sessions=formation.sessions_from(today),
        maj_le=formation.maj_le,
        source=formation.source,
        fictive=formation.fictive,
        gestionnaire=etablissement_to_proto(gestionnaire) if gestionnaire else None,
        metiers=[rome_to_proto(romes[code]) for code in formation.romes if code in romes],
        capacite=formation.capacite,
        rncp_url=_RNCP_URL.format(formation.rncp.removeprefix("RNCP")) if formation.rncp else None,
        onisep_url=formation.onisep_url,
    )


def found_to_edge(
    found: FoundFormation, today: date, romes: Mapping[str, Rome], cursor: str
) -> catalogue_pb2.FormationEdge:
    return catalogue_pb2.FormationEdge(
        cursor=cursor,
        node=formation_to_proto(found.formation, today, romes),
        distance_km=_distance_to_proto(found.position),
    )


def found_to_proche(
    found: FoundFormation, today: date, romes: Mapping[str, Rome]
) -> catalogue_pb2.FormationProche:
    return catalogue_pb2.FormationProche(
        node=formation_to_proto(found.formation, today, romes), distance_km=_distance_to_proto(found.position)
    )


def _distance_to_proto(position: Position) -> float | None:
    return None if position.distance_km is None else round(position.distance_km, 2)


def facets_to_proto(facets: Facets) -> catalogue_pb2.FormationFacets:
    return catalogue_pb2.FormationFacets(
        niveaux=[
            catalogue_pb2.NiveauCount(value=diplome_pb2.Niveau.ValueType(niveau), count=count)
            for niveau, count in facets.niveaux
        ],
        diplomes=_counts_to_proto(facets.diplomes),
        domaines=_counts_to_proto(facets.domaines),
        departements=_counts_to_proto(facets.departements),
        mois=_counts_to_proto(facets.mois),
        qualiopi=facets.qualiopi,
        distances=[
            catalogue_pb2.DistanceCount(within_km=within, count=count) for within, count in facets.distances
        ],
    )


def _counts_to_proto(counts: Iterable[tuple[str, int]]) -> Iterator[catalogue_pb2.FacetCount]:
    return (catalogue_pb2.FacetCount(value=value, count=count) for value, count in counts)


def rome_to_proto(rome: Rome) -> catalogue_pb2.Rome:
    return catalogue_pb2.Rome(code=rome.code, libelle=rome.libelle)


def metier_to_proto(metier: Metier) -> catalogue_pb2.Metier:
    return catalogue_pb2.Metier(
        libelle=metier.libelle,
        romes=map(rome_to_proto, metier.romes),
        rncps=metier.rncps,
        formations_count=metier.formations_count,
        diplome=metier.diplome,
    )


def metier_proche_to_proto(metier: MetierProche) -> catalogue_pb2.MetierProche:
    return catalogue_pb2.MetierProche(
        rome=rome_to_proto(metier.rome), formations_count=metier.formations_count
    )


def commune_to_proto(commune: Commune) -> catalogue_pb2.Commune:
    return catalogue_pb2.Commune(
        insee=commune.insee,
        nom=commune.nom,
        codes_postaux=commune.codes_postaux,
        population=commune.population,
        departement=commune.departement,
        departement_nom=commune.departement_nom,
        region=commune.region,
        region_nom=commune.region_nom,
        point=point_to_proto(commune.point),
        commune_parente=commune.commune_parente,
    )


def named_zone_to_proto(named: NamedZone) -> catalogue_pb2.ResolveZoneResponse:
    return catalogue_pb2.ResolveZoneResponse(zone=zone_to_proto(named.zone), libelle=named.libelle)


def place_from_proto(request: catalogue_pb2.ResolveZoneRequest) -> PlaceNamed:
    """The place that the request names. Raises InvalidRequest if it names none."""
    match request.WhichOneof("zone"):
        case "around" if request.around.HasField("point"):
            return AroundPoint(point_from_proto(request.around.point), request.around.rayon_km)
        case "around":
            raise InvalidRequest([Problem("around.point", "obligatoire")])
        case "commune":
            return AroundCommune(request.commune.insee, request.commune.rayon_km)
        case "departement":
            return WholeDepartement(request.departement)
        case "region":
            return WholeRegion(request.region)
        case "france" if request.france:
            return WholeFrance()
    raise InvalidRequest([Problem("zone", "donnez around, commune, departement, region ou france: true")])

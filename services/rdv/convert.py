"""Converts between the messages of `protos/rdv.proto` and the domain."""

from __future__ import annotations

from datetime import datetime

from protos import rdv_pb2
from services.common.idempotency import idempotency_of
from services.france.clock import PARIS, read_rfc3339, rfc3339
from services.france.fields import telephone_digits
from services.rdv.creneau import Creneau
from services.rdv.rendez_vous import Accueil, Candidat, Demande, RendezVous


def not_before_from_proto(request: rdv_pb2.ListCreneauxRequest) -> datetime | None:
    """The time before which the client wants no slot, or None."""
    return read_rfc3339(request.not_before) if request.HasField("not_before") else None


def demande_from_proto(request: rdv_pb2.BookRendezVousRequest) -> Demande:
    """What a request asks for; its texts are normalised."""
    candidat = request.candidat
    return Demande(
        formation_id=request.formation_id,
        creneau_id=request.creneau_id,
        candidat=Candidat(
            prenom=candidat.prenom,
            nom=candidat.nom,
            email=candidat.email,
            telephone=telephone_digits(candidat.telephone) or None,
        ),
        message=request.message or None,
        idempotency=idempotency_of(request),
    )


def formation_to_proto(
    formation_id: str, accueil: Accueil | None, first: int, after: datetime, now: datetime
) -> rdv_pb2.FormationCreneaux:
    """The first slots of a training; none if its centre takes no appointments."""
    if accueil is None or not accueil.is_open(now):
        return rdv_pb2.FormationCreneaux(formation_id=formation_id, open=False)
    found = accueil.next_creneaux(first, after, now)
    return rdv_pb2.FormationCreneaux(
        formation_id=formation_id, open=True, creneaux=[creneau_to_proto(creneau) for creneau in found]
    )


def creneau_to_proto(creneau: Creneau) -> rdv_pb2.Creneau:
    return rdv_pb2.Creneau(
        id=creneau.id,
        start=creneau.start.astimezone(PARIS).isoformat(),
        end=creneau.end.astimezone(PARIS).isoformat(),
    )


def rendez_vous_to_proto(rendez_vous: RendezVous) -> rdv_pb2.RendezVous:
    return rdv_pb2.RendezVous(
        id=rendez_vous.id,
        formation_id=rendez_vous.formation_id,
        siret=rendez_vous.creneau.siret,
        creneau=creneau_to_proto(rendez_vous.creneau),
        statut=rdv_pb2.RendezVousStatut.Value(f"RENDEZ_VOUS_STATUT_{rendez_vous.statut}"),
        cree_le=rfc3339(rendez_vous.cree_le),
    )

"""The fields that all kinds of employers have, whatever their source."""

from __future__ import annotations

import strawberry

from gateway.types.lieu import Lieu
from gateway.types.node import Node


@strawberry.interface(description="Un employeur : son offre, son besoin, ou sa probable embauche.")
class Employeur(Node):
    """Implemented by Offre, BesoinMatcha and RecruteurProbable."""

    lieu: Lieu | None = strawberry.field(description="Où est le travail.")
    fictive: bool = strawberry.field(description="Vrai pour une ligne simulée ou de démonstration.")

"""The Relay interface of everything that has a global id."""

from __future__ import annotations

import strawberry


@strawberry.interface(description="Tout objet qui se retrouve par son identifiant global.")
class Node:
    """Each implementation is bound as a node (see `binding.py`)."""

    id: strawberry.ID = strawberry.field(description="Identifiant global, opaque et stable.")

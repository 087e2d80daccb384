"""Levels of diplomas."""

from __future__ import annotations

from enum import Enum

import strawberry

from gateway.execution.binding import bind_enum
from protos import diplome_pb2


@bind_enum(diplome_pb2.Niveau, description="Niveau d'un diplôme, selon le cadre français de 2019.")
class Niveau(Enum):
    """Bound to lba.diplome.v1.Niveau."""

    NIVEAU_3 = strawberry.enum_value(3, description="CAP, BEP.")
    NIVEAU_4 = strawberry.enum_value(4, description="Bac, bac professionnel, BP.")
    NIVEAU_5 = strawberry.enum_value(5, description="BTS, DEUST.")
    NIVEAU_6 = strawberry.enum_value(6, description="Licence, BUT.")
    NIVEAU_7 = strawberry.enum_value(7, description="Master, titre d'ingénieur.")

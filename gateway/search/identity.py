"""The identities of employers, by which the same employer is recognised in several sources."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from protos import jobs_pb2, matcha_pb2, prediction_pb2
from services.france.names import words

Node = matcha_pb2.BesoinMatcha | jobs_pb2.Offre | prediction_pb2.RecruteurProbable

HASH_CHARS = 6


def identities(node: Node) -> list[str]:
    """The identities of the employer of a row: its SIRET, and each of its names with its commune."""
    match node:
        case prediction_pb2.RecruteurProbable():
            siret, names = node.siret, [node.raison_sociale, node.enseigne]
        case matcha_pb2.BesoinMatcha():
            entreprise = node.entreprise
            siret, names = entreprise.siret, [entreprise.raison_sociale, entreprise.enseigne]
        case _:
            siret, names = node.entreprise.siret, [node.entreprise.nom]
    commune = node.lieu.insee
    keys = [siret] if siret else []
    folded_names = filter(None, map(_folded_name, names)) if commune else ()
    return keys + [f"{each}@{commune}" for each in folded_names]


def identity_hash(key: str) -> str:
    """HASH_CHARS characters that stand for an identity in a cursor."""
    digest = hashlib.blake2b(key.encode(), digest_size=HASH_CHARS).digest()
    return base64.urlsafe_b64encode(digest).decode()[:HASH_CHARS]


@lru_cache(10_000)  # The same employers are in many answers.
def _folded_name(name: str) -> str:
    # "L'ORÉAL" and "LOREAL" are one employer, so the spaces that folding leaves are dropped.
    return "".join(words(name))

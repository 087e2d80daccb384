from __future__ import annotations

from gateway.search.identity import identities
from protos import geo_pb2, jobs_pb2, prediction_pb2


def test_an_employer_is_recognised_by_its_name_in_its_commune() -> None:
    published = jobs_pb2.Offre(
        id="1",
        entreprise=jobs_pb2.EntrepriseOffre(nom="L'Épi d'Or"),
        lieu=geo_pb2.Lieu(insee="93066"),
        rome="D1102",
    )
    predicted = prediction_pb2.RecruteurProbable(
        siret="12345678901234",
        raison_sociale="SARL DUPONT",
        enseigne="L EPI D OR",
        lieu=geo_pb2.Lieu(insee="93066"),
    )

    assert set(identities(published)) & set(identities(predicted))


def test_a_name_without_a_letter_identifies_nobody() -> None:
    row = jobs_pb2.Offre(entreprise=jobs_pb2.EntrepriseOffre(nom="***"), lieu=geo_pb2.Lieu(insee="75111"))

    assert identities(row) == []

from __future__ import annotations

import pytest

from services.catalogue.suggest.diplome import DiplomeTyped, diplome_kinds, read_diplome


@pytest.mark.parametrize(
    ("intitule", "diplome", "kinds"),
    [
        ("CUISINE (CAP)", None, ("cap",)),
        ("METIERS DE L'AGRICULTURE (CAPA)", "CERTIFICAT D'APTITUDE PROFESSIONNELLE AGRICOLE", ("cap",)),
        ("TECHNICO-COMMERCIAL (BTSA)", "BREVET DE TECHNICIEN SUPERIEUR AGRICOLE", ("bts",)),
        ("COMMERCE (BAC PRO)", "BAC PROFESSIONNEL", ("bac pro",)),
        ("COIFFURE (BP)", "BREVET PROFESSIONNEL", ("bp",)),
        ("BOULANGERIE SPECIALISEE (MC NIVEAU III)", "MENTION COMPLEMENTAIRE", ("mc",)),
        ("VENDEUR CONSEIL (TP)", "TH DE NIV 4 MINISTERE DU TRAVAIL - AFPA", ("titre pro",)),
        ("BIM (LP)", "LICENCE PROFESSIONNELLE", ("licence pro", "licence")),
        ("DROIT (LIC LMD)", "LICENCE LMD", ("licence",)),
        ("AIDE-SOIGNANT (DIPLÔME D'ETAT)", None, ("de",)),
        ("EBENISTE (BMA)", "BREVET DES METIERS D'ART - BREVET DES METIERS DU SPECTACLE", ("bma",)),
        ("RESPONSABLE DE DEVELOPPEMENT", "", ()),
        ("CAP SUR L'EMPLOI", None, ()),
    ],
)
def test_kinds_are_read_in_the_title_and_the_diploma(
    intitule: str, diplome: str | None, kinds: tuple[str, ...]
) -> None:
    assert diplome_kinds(intitule, diplome) == kinds


@pytest.mark.parametrize(
    ("typed", "kinds", "subject"),
    [
        ("cap cuisine", ("cap",), ("cuisine",)),
        ("cuisine cap", ("cap",), ("cuisine",)),
        ("bac pro commerce", ("bac pro",), ("commerce",)),
        ("bac commerce", ("bac pro",), ("commerce",)),
        ("titre professionnel soudeur", ("titre pro",), ("soudeur",)),
        ("brevet de technicien superieur mco", ("bts",), ("mco",)),
        ("but gea", ("but", "dut"), ("gea",)),
        ("bp jeps", ("bpjeps",), ()),
        ("bts", ("bts",), ()),
    ],
)
def test_diploma_is_read_in_what_was_typed(
    typed: str, kinds: tuple[str, ...], subject: tuple[str, ...]
) -> None:
    assert read_diplome(typed.split()) == DiplomeTyped(kinds, subject)


@pytest.mark.parametrize("typed", ["", "boulanger", "agent de securite", "ingenieur", "capitaine"])
def test_other_texts_say_no_diploma(typed: str) -> None:
    assert read_diplome(typed.split()) is None

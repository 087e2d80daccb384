from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.contact_details import address_in, domain_in


@pytest.mark.parametrize(
    "text",
    [
        "ana@exemple.fr",
        "ana @ exemple.fr",
        "ana [at] exemple.fr",
        "ana (at) exemple [dot] fr",
        "ana arobase exemple.fr",
        "ana{arobase}exemple(point)fr",
        "ａｎａ＠ｅｘｅｍｐｌｅ．ｆｒ",
        "https://exemple",
        "HTTP://exemple",
        "hxxp://exemple",
        "hxxps[:]//exemple",
        "ftp://exemple",
        "mailto:ana",
        "06 12 34 56 78",
        "0612345678",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "06 / 12 / 34 / 56 / 78",
        "06\u00a012\u202f34\u00a056\u00a078",
        "06 123 456 78",
        "0 6 1 2 3 4 5 6 7 8",
        "０６１２３４５６７８",
        "+33612345678",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "(+33) 6 12 34 56 78",
        "0033 6 12 34 56 78",
        "+262 692 12 34 56",
    ],
)
def test_address_or_number_is_found_among_words(text: str) -> None:
    assert address_in(text) is not None
    assert address_in(f"Apprenti boulanger, {text} !") is not None


@pytest.mark.parametrize(
    "text",
    [
        "exemple.fr",
        "www.exemple.paris",
        "www . exemple . fr",
        "www[.]exemple[.]fr",
        "voir exemple.com/offres",
        "recrutement.exemple.co.uk",
        "EXEMPLE.FR",
        "exemple(.)fr",
        "exemple [point] fr",
        "exemple。fr",
        "ｅｘｅｍｐｌｅ．ｆｒ",
        "bit.ly/x",
        "t.me/x",
        "été-2027.bzh",
    ],
)
def test_domain_is_found(text: str) -> None:
    assert domain_in(text) is not None
    assert domain_in(f"Apprenti ({text})") is not None


@pytest.mark.parametrize(
    "text",
    [
        "Node.js",
        "Vue.js / Next.js",
        "ASP.NET",
        "Développeur VB.NET",
        ".NET",
        "M. Dupont",
        "M.Dupont",
        "St. Malo",
        "B.T.S. M.C.O.",
        "BAC.PRO",
        "apprenti.e",
        "vendeur.se.s",
        "employé.es",
        "ingénieur.re",
        "Boulanger.Paris",
        "chef.de.rang",
        "Chargé de com.",
        "D1102",
        "01/02/2027 - 30/06/2027",
        "01.02.2027 au 30.06.2028",
        "du 01-02-2027 au 30-06-2027",
        "CAP 2027-2028",
        "24 000 € - 30 000 €",
        "73282932000074",
        "012 345 678 00012",
        "35 h, 1 800 €",
        "C@fé",
        "@home",
        "http",
        "à 9 h : réunion",
    ],
)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert address_in(text) is None
    assert domain_in(text) is None


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    for found in (address_in(text), domain_in(text)):
        assert found is None or found


@given(
    st.from_regex(r"0[1-9][0-9]{8}", fullmatch=True),
    st.sampled_from(["", " ", ".", "-", "/", " - ", "\u00a0"]),
)
def test_every_french_number_is_found_whatever_separates_its_pairs(digits: str, separator: str) -> None:
    assert address_in(separator.join(digits[at : at + 2] for at in range(0, 10, 2))) is not None

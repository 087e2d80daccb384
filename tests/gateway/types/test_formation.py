from __future__ import annotations

import pytest

from protos import catalogue_pb2 as pb
from tests.gateway.conftest import Gateway
from tests.support.gateway.searches import formation, page

METIERS = [pb.Rome(code="D1102", libelle="Boulangerie - viennoiserie"), pb.Rome(code="D1104")]
SHOWN = [{"code": "D1102", "libelle": "Boulangerie - viennoiserie"}, {"code": "D1104", "libelle": ""}]


def _asked_with_metiers(gateway: Gateway) -> list[bool]:
    return [
        message.with_metiers
        for _, message in gateway.scripts.calls
        if isinstance(message, pb.SearchFormationsRequest)
    ]


@pytest.mark.parametrize(
    ("selection", "with_metiers"),
    [
        ("edges { node { metiers { code libelle } } }", True),
        ("plusProches { jobs: metiers { libelle } }", True),
        ("edges { node { romes } } metiersProches { formationsCount }", False),
    ],
)
async def test_labels_of_jobs_are_asked_for_where_they_are_shown(
    gateway: Gateway, selection: str, with_metiers: bool
) -> None:
    await gateway.ask(f'{{ search(criteria: {{romes: ["D1102"]}}) {{ formations {{ {selection} }} }} }}')

    assert _asked_with_metiers(gateway) == [with_metiers]


async def test_jobs_are_shown_as_the_catalogue_gives_them(gateway: Gateway) -> None:
    found = page("a", plus_proches=[formation("n", metiers=METIERS)])
    found.edges[0].node.metiers.extend(METIERS)
    gateway.scripts.answer("SearchFormations", found)
    gateway.scripts.answer(
        "GetFormations", pb.GetFormationsResponse(formations=[formation("b", metiers=METIERS)])
    )

    answer = await gateway.ask(
        """{ formation(id: "Rm9ybWF0aW9uOmI=") { metiers { code libelle } }
             search(criteria: {texte: "pain"}) { formations {
               edges { node { metiers { code libelle } } } plusProches { metiers { code libelle } } } } }"""
    )

    formations = answer["data"]["search"]["formations"]
    assert answer["data"]["formation"] == {"metiers": SHOWN}
    assert formations["edges"] == [{"node": {"metiers": SHOWN}}]
    assert formations["plusProches"] == [{"metiers": SHOWN}]

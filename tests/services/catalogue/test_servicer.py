from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protos import catalogue_pb2 as pb
from protos import catalogue_pb2_grpc, diplome_pb2, geo_pb2
from services.common.errors import InvalidRequest
from services.france.geo import Point, distance_km
from tests.support.catalogue.serving import (
    around_paris,
    problem_fields,
    refusal,
)
from tests.support.catalogue.small_france import served_id
from tests.support.common.cursors import check_judged, parts_of, tampered, written


async def test_search_gives_rows_facets_and_distances(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    answer = await stub.SearchFormations(
        pb.SearchFormationsRequest(
            romes=["D1102"],
            niveau=diplome_pb2.NIVEAU_3,
            zone=around_paris(30),
            first=10,
            with_facets=True,
        )
    )

    assert [edge.node.id for edge in answer.edges] == list(map(served_id, ["a", "c"]))
    assert answer.total_count == 2
    assert not answer.has_next_page
    assert [(each.value, each.count) for each in answer.facets.niveaux] == [(diplome_pb2.NIVEAU_3, 2)]
    edge, node = answer.edges[0], answer.edges[0].node
    expected = distance_km(Point(48.8566, 2.3522), Point(48.8592, 2.3795))
    assert edge.distance_km == round(expected, 2)
    assert list(node.sessions) == ["2027-09"]
    assert node.fictive
    assert node.etablissement.commune == "Paris 11e Arrondissement"
    assert node.etablissement.qualiopi
    assert not node.HasField("maj_le")


async def test_search_without_a_zone_has_no_distance_and_no_facets_unasked(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub,
) -> None:
    answer = await stub.SearchFormations(pb.SearchFormationsRequest(rome_domaine="D11", first=10))

    assert [edge.node.id for edge in answer.edges] == list(map(served_id, ["d", "a", "c"]))
    assert not any(edge.HasField("distance_km") for edge in answer.edges)
    assert not answer.HasField("facets")


async def test_empty_circle_offers_the_nearest(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    zone = geo_pb2.Zone(origin=geo_pb2.Point(latitude=47, longitude=3), rayon_km=10)

    answer = await stub.SearchFormations(pb.SearchFormationsRequest(romes=["D1102"], zone=zone, first=10))

    assert answer.total_count == 0
    assert [each.node.id for each in answer.plus_proches] == list(map(served_id, ["a", "c", "d"]))
    assert answer.plus_proches[0].distance_km > 200


@pytest.mark.parametrize("zone", [None, around_paris()])
async def test_cursors_lead_through_all_rows(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub, zone: geo_pb2.Zone | None
) -> None:
    whole = await stub.SearchFormations(pb.SearchFormationsRequest(zone=zone, first=100))
    seen, after = [], ""
    while True:
        request = pb.SearchFormationsRequest(zone=zone, first=1, after=after, with_facets=not after)
        page = await stub.SearchFormations(request)
        seen += [edge.node.id for edge in page.edges]
        if not page.has_next_page:
            break
        after = page.edges[-1].cursor

    assert seen == [edge.node.id for edge in whole.edges]
    assert len(seen) == 4


async def found_ids(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub, request: pb.SearchFormationsRequest
) -> list[str]:
    answer = await stub.SearchFormations(request)
    return [edge.node.id for edge in answer.edges]


@pytest.mark.parametrize(
    ("texte", "expected"),
    [
        ("boulangère", ["a", "d"]),
        ("Boulengère", ["a", "d"]),
        ("CAP pâtisserie", ["c"]),
        ("formation coiffeuse", ["b"]),
        ("coif", ["b"]),
        ("  ", ["d", "a", "b", "c"]),
        ("le la", ["d", "a", "b", "c"]),
    ],
)
async def test_text_is_understood(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub, texte: str, expected: list[str]
) -> None:
    found = await found_ids(stub, pb.SearchFormationsRequest(texte=texte, first=10))

    # Other trainings may follow, since the job or certification of a training has words that its title lacks.
    assert sorted(found[: len(expected)]) == sorted(map(served_id, expected))


async def test_text_like_nothing_finds_nothing(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    assert await found_ids(stub, pb.SearchFormationsRequest(texte="xyzzy", first=10)) == []


async def test_words_that_no_training_holds_together_are_looked_for_apart(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub,
) -> None:
    together = pb.SearchFormationsRequest(texte="coiffeur pâtissier", first=10)
    elsewhere = pb.SearchFormationsRequest(
        texte="boulanger 13011", first=10, zone=geo_pb2.Zone(departements=["75"])
    )

    assert {served_id("b"), served_id("c")} == set(await found_ids(stub, together))
    assert await found_ids(stub, elsewhere) == []


async def test_text_alone_is_ordered_by_relevance(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    far_from_it = geo_pb2.Zone(origin=geo_pb2.Point(latitude=43.3, longitude=5.4))

    unspecified = pb.SearchFormationsRequest(texte="boulanger cap", zone=far_from_it, first=10)
    nearest = pb.SearchFormationsRequest(
        texte="boulanger", zone=far_from_it, first=10, sort=pb.FORMATION_SORT_DISTANCE
    )

    assert (await found_ids(stub, unspecified))[0] == served_id("a")
    assert (await found_ids(stub, nearest))[0] == served_id("d")


@pytest.mark.parametrize("sort", [pb.FORMATION_SORT_RELEVANCE, pb.FORMATION_SORT_START])
async def test_cursors_lead_through_every_order(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub, sort: pb.FormationSort.ValueType
) -> None:
    search = pb.SearchFormationsRequest(texte="cap", zone=around_paris(), sort=sort)
    whole = pb.SearchFormationsRequest(first=100)
    whole.MergeFrom(search)
    seen: list[str] = []
    after = ""
    while len(seen) < 10:
        request = pb.SearchFormationsRequest(first=1, after=after)
        request.MergeFrom(search)
        page = await stub.SearchFormations(request)
        seen += [edge.node.id for edge in page.edges]
        if not page.has_next_page:
            break
        after = page.edges[-1].cursor

    assert seen == await found_ids(stub, whole)
    assert len(seen) > 1


async def test_refinements_narrow_and_are_counted(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    request = pb.SearchFormationsRequest(
        niveaux=[diplome_pb2.NIVEAU_4],
        departements=["75", "13"],
        domaines=["D11", "D12"],
        zone=around_paris(),
        first=10,
        with_facets=True,
    )

    answer = await stub.SearchFormations(request)

    assert {edge.node.id for edge in answer.edges} == set(map(served_id, "bd"))
    assert {each.value: each.count for each in answer.facets.niveaux} == {3: 2, 4: 2}
    assert {each.value: each.count for each in answer.facets.domaines} == {"D11": 1, "D12": 1}
    assert sum(each.count for each in answer.facets.departements) == 2
    assert (answer.facets.distances[0].within_km, answer.facets.distances[0].count) == (10, 1)
    assert all(each.value >= "2026-12" for each in answer.facets.mois)
    assert answer.facets.diplomes


async def test_niveau_adds_to_niveaux(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    request = pb.SearchFormationsRequest(
        niveau=diplome_pb2.NIVEAU_3, niveaux=[diplome_pb2.NIVEAU_4], first=10
    )

    assert len(await found_ids(stub, request)) == 4


async def test_cursor_of_another_search_is_refused(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    page = await stub.SearchFormations(pb.SearchFormationsRequest(romes=["D1102"], first=1))
    cursor = page.edges[0].cursor

    other = pb.SearchFormationsRequest(romes=["D1104"], first=1, after=cursor)
    nonsense = pb.SearchFormationsRequest(romes=["D1102"], first=1, after="nonsense!")

    assert await problem_fields(stub.SearchFormations(other)) == ["after"]
    assert await problem_fields(stub.SearchFormations(nonsense)) == ["after"]


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    sort=st.sampled_from(pb.FormationSort.values()),
    zone=st.sampled_from([None, around_paris(), around_paris(30)]),
)
async def test_whatever_comes_as_a_cursor_is_read_or_refused(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub,
    data: st.DataObject,
    sort: pb.FormationSort.ValueType,
    zone: geo_pb2.Zone | None,
) -> None:
    request = pb.SearchFormationsRequest(texte="cap", zone=zone, sort=sort, first=2)
    cursor = (await stub.SearchFormations(request)).edges[0].cursor
    request.after = data.draw(tampered(cursor))

    await check_judged(stub.SearchFormations(request))


@pytest.mark.parametrize("place", [1, 2, 3])
async def test_a_number_that_an_engine_does_not_take_is_refused(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub, place: int
) -> None:
    request = pb.SearchFormationsRequest(texte="cap", first=1)
    parts = parts_of((await stub.SearchFormations(request)).edges[0].cursor)
    parts[place] = 2**63
    request.after = written(parts)

    assert await problem_fields(stub.SearchFormations(request)) == ["after"]


async def test_every_problem_of_a_search_is_told_at_once(stub: catalogue_pb2_grpc.CatalogueAsyncStub) -> None:
    request = pb.SearchFormationsRequest(
        romes=["D1102", "d1102", "Z9999"],
        rome_domaine="D1",
        rncps=["RNCP1", "1"],
        zone=geo_pb2.Zone(origin=geo_pb2.Point(latitude=100, longitude=2), rayon_km=-1, departements=["75"]),
        first=10_000,
        after="nonsense!",
    )

    assert await problem_fields(stub.SearchFormations(request)) == [
        "romes[1]",
        "romes[2]",
        "rome_domaine",
        "rome_domaine",
        "rncps[1]",
        "first",
        "zone.origin.latitude",
        "zone.rayon_km",
        "zone",
        "after",
    ]


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        (pb.SearchFormationsRequest(first=-1), ["first"]),
        (pb.SearchFormationsRequest(romes=["D1102"] * 51), ["romes"]),
        (pb.SearchFormationsRequest(rncps=["RNCP1"] * 51), ["rncps"]),
        (pb.SearchFormationsRequest(rome_domaine="Z"), ["rome_domaine"]),
        (pb.SearchFormationsRequest(rome_domaine=""), ["rome_domaine"]),
        (pb.SearchFormationsRequest(niveau=diplome_pb2.Niveau.ValueType(9)), ["niveau"]),
        (pb.SearchFormationsRequest(sort=pb.FormationSort.ValueType(9)), ["sort"]),
        (pb.SearchFormationsRequest(texte="a" * 201), ["texte"]),
        (pb.SearchFormationsRequest(niveaux=[diplome_pb2.NIVEAU_UNSPECIFIED]), ["niveaux[0]"]),
        (pb.SearchFormationsRequest(niveaux=[diplome_pb2.Niveau.ValueType(9)]), ["niveaux[0]"]),
        (pb.SearchFormationsRequest(diplomes=["BAC"] * 51), ["diplomes"]),
        (pb.SearchFormationsRequest(domaines=["D11", "D"]), ["domaines[1]"]),
        (pb.SearchFormationsRequest(departements=["75", "2a", "20"]), ["departements[1]", "departements[2]"]),
        (pb.SearchFormationsRequest(mois=["2027-09", "2027-13", "09/2027"]), ["mois[1]", "mois[2]"]),
        (
            pb.SearchFormationsRequest(zone=geo_pb2.Zone(rayon_km=float("nan"))),
            ["zone.rayon_km", "zone.origin"],
        ),
    ],
)
async def test_bad_search_is_refused(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub, request_: pb.SearchFormationsRequest, fields: list[str]
) -> None:
    assert await problem_fields(stub.SearchFormations(request_)) == fields


async def test_problems_are_told_in_french_with_what_would_be_right(
    stub: catalogue_pb2_grpc.CatalogueAsyncStub,
) -> None:
    error = await refusal(stub.SearchFormations(pb.SearchFormationsRequest(romes=["pain"])))

    assert isinstance(error, InvalidRequest)
    expected = "« pain » n'est pas un code ROME : une lettre de A à N et quatre chiffres, comme D1102"
    assert error.problems[0].message == expected

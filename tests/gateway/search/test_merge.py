from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.search.merge import (
    PRIORITY,
    EmployeurSort,
    MergedPage,
    Node,
    Position,
    Row,
    Window,
    decode_position,
    encode_position,
    identities,
    merge,
)
from gateway.search.sources import Source
from protos import geo_pb2, jobs_pb2, matcha_pb2, prediction_pb2
from services.common.errors import InvalidRequest


def besoin(id_: str, distance_km: float, siret: str = "", rome: str = "D1102") -> matcha_pb2.BesoinMatcha:
    entreprise = matcha_pb2.EntrepriseBesoin(siret=siret or f"B{id_}", raison_sociale=f"Maison {id_}")
    return matcha_pb2.BesoinMatcha(
        id=id_,
        distance_km=distance_km,
        entreprise=entreprise,
        romes=[rome],
        cree_le=f"2026-11-{10 + int(distance_km) % 10}T08:00:00+01:00",
    )


def offre(id_: str, distance_km: float | None, siret: str = "", rome: str = "D1102") -> jobs_pb2.Offre:
    return jobs_pb2.Offre(
        id=id_,
        distance_km=distance_km,
        entreprise=jobs_pb2.EntrepriseOffre(nom=f"Offrant {id_}", siret=siret or None),
        rome=rome,
        publiee_le="2026-11-12T08:00:00Z",
    )


def recruteur(siret: str, distance_km: float, score: int = 50) -> prediction_pb2.RecruteurProbable:
    return prediction_pb2.RecruteurProbable(
        siret=siret, raison_sociale=f"Société {siret}", distance_km=distance_km, score=score
    )


def window(source: Source, nodes: Sequence[Node], *, has_more: bool = False) -> Window:
    edges = [(f"{source.name}{index}", node) for index, node in enumerate(nodes)]
    return Window(source, edges, has_more=has_more, total_count=len(edges))


def nodes(page: MergedPage) -> list[Node]:
    return [row.node for row in page.rows]


def test_rows_come_by_distance_then_source() -> None:
    near, far, same = besoin("1", 1.0), besoin("2", 9.0), offre("3", 1.0)
    between, unknown = recruteur("4", 5.0), offre("5", None)

    page = merge(
        [
            window(Source.RECRUTEURS, [between]),
            window(Source.OFFRES, [same, unknown]),
            window(Source.BESOINS, [near, far]),
        ],
        EmployeurSort.DISTANCE,
        Position(),
        10,
    )

    assert nodes(page) == [near, same, between, far, unknown]
    assert not page.has_next_page


def test_by_date_published_needs_come_latest_first_and_predictions_last() -> None:
    old, new = besoin("1", 1.0), besoin("2", 9.0)
    published, predicted = offre("3", 0.5), recruteur("4", 0.1)

    page = merge(
        [
            window(Source.BESOINS, [new, old]),
            window(Source.OFFRES, [published]),
            window(Source.RECRUTEURS, [predicted]),
        ],
        EmployeurSort.DATE,
        Position(),
        10,
    )

    assert nodes(page) == [new, published, old, predicted]


def test_by_score_predictions_come_after_published_needs_best_first() -> None:
    need, good, best = besoin("1", 9.0), recruteur("2", 1.0, 40), recruteur("3", 8.0, 90)

    page = merge(
        [window(Source.RECRUTEURS, [best, good]), window(Source.BESOINS, [need])],
        EmployeurSort.SCORE,
        Position(),
        10,
    )

    assert nodes(page) == [need, best, good]


def test_the_same_need_in_two_sources_is_one_row() -> None:
    published = offre("1", 2.0, siret="12345678901234")
    need = besoin("2", 2.1, siret="12345678901234")
    predicted = recruteur("12345678901234", 1.9)

    page = merge(
        [
            window(Source.BESOINS, [need]),
            window(Source.OFFRES, [published]),
            window(Source.RECRUTEURS, [predicted]),
        ],
        EmployeurSort.DISTANCE,
        Position(),
        10,
    )

    [row] = page.rows
    assert (row.source, row.node) == (Source.BESOINS, need)
    assert row.aussi_dans == [predicted, published]


def test_another_job_of_the_same_company_is_another_row() -> None:
    baker = besoin("1", 2.0, siret="12345678901234")
    seller = offre("2", 2.0, siret="12345678901234", rome="D1106")

    page = merge(
        [window(Source.BESOINS, [baker]), window(Source.OFFRES, [seller])],
        EmployeurSort.DISTANCE,
        Position(),
        10,
    )

    assert nodes(page) == [baker, seller]


def test_two_offers_of_one_company_are_two_rows() -> None:
    offers = [offre("1", 2.0, siret="12345678901234"), offre("2", 2.0, siret="12345678901234")]

    page = merge([window(Source.OFFRES, offers)], EmployeurSort.DISTANCE, Position(), 10)

    assert nodes(page) == offers


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


def test_an_employer_is_recognised_whatever_the_spelling_of_its_name() -> None:
    lieu = geo_pb2.Lieu(insee="75111")
    published, predicted = offre("1", 1.0), recruteur("2", 2.0)
    published.entreprise.nom, predicted.raison_sociale = "Cœur de Pain", "COEUR DE PAIN"
    for node in (published, predicted):
        node.lieu.CopyFrom(lieu)

    page = merge(
        [window(Source.OFFRES, [published]), window(Source.RECRUTEURS, [predicted])],
        EmployeurSort.DISTANCE,
        Position(),
        10,
    )

    assert nodes(page) == [published]
    assert page.rows[0].aussi_dans == [predicted]


def test_a_name_without_a_letter_is_nobodys() -> None:
    row = offre("1", 1.0)
    row.entreprise.nom = "***"
    row.lieu.insee = "75111"

    assert identities(row) == []


def test_a_prediction_for_a_need_of_an_earlier_page_is_not_shown_again() -> None:
    need, other = besoin("1", 1.0, siret="12345678901234"), besoin("2", 2.0)
    predicted = recruteur("12345678901234", 3.0)
    first = merge([window(Source.BESOINS, [need, other])], EmployeurSort.DISTANCE, Position(), 2)

    second = merge([window(Source.RECRUTEURS, [predicted])], EmployeurSort.DISTANCE, first.end, 2)

    assert nodes(second) == []
    assert not second.has_next_page


def test_a_page_stops_where_a_source_may_have_nearer_rows() -> None:
    page = merge(
        [
            window(Source.OFFRES, [offre("1", 1.0)], has_more=True),
            window(Source.RECRUTEURS, [recruteur("2", 50.0)]),
        ],
        EmployeurSort.DISTANCE,
        Position(),
        10,
    )

    assert [row.source for row in page.rows] == [Source.OFFRES]
    assert page.has_next_page


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 40), max_size=25),
    st.lists(st.integers(0, 40), max_size=25),
    st.lists(st.integers(0, 40), max_size=25),
    st.integers(1, 7),
    st.integers(1, 5),
)
def test_pages_put_end_to_end_are_the_whole_list(
    besoins: list[int], offres: list[int], recruteurs: list[int], first: int, look_ahead: int
) -> None:
    rows: dict[Source, list[Node]] = {
        Source.BESOINS: [besoin(str(i), km) for i, km in enumerate(sorted(besoins))],
        Source.OFFRES: [offre(str(i), km) for i, km in enumerate(sorted(offres))],
        Source.RECRUTEURS: [recruteur(str(i), km) for i, km in enumerate(sorted(recruteurs))],
    }
    whole = merge([window(s, r) for s, r in rows.items()], EmployeurSort.DISTANCE, Position(), 1000)

    position, seen = Position(), list[Row]()
    while True:
        page = merge(
            [_after(source, rows[source], position, first + look_ahead) for source in PRIORITY],
            EmployeurSort.DISTANCE,
            position,
            first,
        )
        seen += page.rows
        assert len(page.rows) <= first
        if not page.has_next_page:
            break
        position = decode_position(EmployeurSort.DISTANCE, encode_position(EmployeurSort.DISTANCE, page.end))

    assert [row.node for row in seen] == nodes(whole)


def _after(source: Source, rows: Sequence[Node], position: Position, size: int) -> Window:
    cursor = position.cursors[PRIORITY.index(source)]
    start = int(cursor.removeprefix(source.name)) + 1 if cursor else 0
    edges = [(f"{source.name}{start + i}", node) for i, node in enumerate(rows[start : start + size])]
    return Window(source, edges, has_more=start + size < len(rows), total_count=len(rows))


def test_a_cursor_of_another_order_is_refused() -> None:
    cursor = encode_position(EmployeurSort.SCORE, Position())

    with pytest.raises(InvalidRequest):
        decode_position(EmployeurSort.DISTANCE, cursor)

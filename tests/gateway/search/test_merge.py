from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.search.merge import PRIORITY, Edge, EmployeurSort, MergedPage, Row, Window, merge
from gateway.search.position import Position, decode_position, encode_position
from gateway.search.sources import Source
from protos import jobs_pb2, matcha_pb2, prediction_pb2

DIGEST = "0123456789"
START = Position(DIGEST)


def besoin(id_: str, distance_km: float, siret: str = "", rome: str = "D1102") -> matcha_pb2.BesoinEdge:
    entreprise = matcha_pb2.EntrepriseBesoin(siret=siret or f"B{id_}", raison_sociale=f"Maison {id_}")
    node = matcha_pb2.BesoinMatcha(
        id=id_,
        entreprise=entreprise,
        romes=[rome],
        cree_le=f"2026-11-{10 + int(distance_km) % 10}T08:00:00+01:00",
    )
    return matcha_pb2.BesoinEdge(node=node, distance_km=distance_km)


def offre(id_: str, distance_km: float | None, siret: str = "", rome: str = "D1102") -> jobs_pb2.OffreEdge:
    node = jobs_pb2.Offre(
        id=id_,
        entreprise=jobs_pb2.EntrepriseOffre(nom=f"Offrant {id_}", siret=siret or None),
        rome=rome,
        publiee_le="2026-11-12T08:00:00Z",
    )
    return jobs_pb2.OffreEdge(node=node, distance_km=distance_km)


def recruteur(siret: str, distance_km: float, score: int = 50) -> prediction_pb2.RecruteurEdge:
    node = prediction_pb2.RecruteurProbable(siret=siret, raison_sociale=f"Société {siret}", score=100 - score)
    return prediction_pb2.RecruteurEdge(node=node, distance_km=distance_km, score=score, romes=["D1102"])


def window(source: Source, edges: Sequence[Edge], *, first: int = 0, has_more: bool = False) -> Window:
    for index, edge in enumerate(edges):
        edge.cursor = f"{source.name}{first + index}"
    return Window(source, edges, has_more=has_more, total_count=len(edges))


def edges(page: MergedPage) -> list[Edge]:
    return [row.edge for row in page.rows]


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
        START,
        10,
    )

    assert edges(page) == [near, same, between, far, unknown]
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
        START,
        10,
    )

    assert edges(page) == [new, published, old, predicted]


def test_by_score_predictions_come_after_published_needs_best_first() -> None:
    need, good, best = besoin("1", 9.0), recruteur("2", 1.0, 40), recruteur("3", 8.0, 90)

    page = merge(
        [window(Source.RECRUTEURS, [best, good]), window(Source.BESOINS, [need])],
        EmployeurSort.SCORE,
        START,
        10,
    )

    assert edges(page) == [need, best, good]


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
        START,
        10,
    )

    [row] = page.rows
    assert (row.source, row.edge) == (Source.BESOINS, need)
    assert row.aussi_dans == [predicted.node, published.node]


def test_another_job_of_the_same_company_is_another_row() -> None:
    baker = besoin("1", 2.0, siret="12345678901234")
    seller = offre("2", 2.0, siret="12345678901234", rome="D1106")

    page = merge(
        [window(Source.BESOINS, [baker]), window(Source.OFFRES, [seller])],
        EmployeurSort.DISTANCE,
        START,
        10,
    )

    assert edges(page) == [baker, seller]


def test_two_offers_of_one_company_are_two_rows() -> None:
    offers = [offre("1", 2.0, siret="12345678901234"), offre("2", 2.0, siret="12345678901234")]

    page = merge([window(Source.OFFRES, offers)], EmployeurSort.DISTANCE, START, 10)

    assert edges(page) == offers


def test_an_employer_is_recognised_whatever_the_spelling_of_its_name() -> None:
    published, predicted = offre("1", 1.0), recruteur("2", 2.0)
    published.node.entreprise.nom, predicted.node.raison_sociale = "Cœur de Pain", "COEUR DE PAIN"
    published.node.lieu.insee = predicted.node.lieu.insee = "75111"

    page = merge(
        [window(Source.OFFRES, [published]), window(Source.RECRUTEURS, [predicted])],
        EmployeurSort.DISTANCE,
        START,
        10,
    )

    assert edges(page) == [published]
    assert page.rows[0].aussi_dans == [predicted.node]


def test_a_prediction_for_a_need_of_an_earlier_page_is_not_shown_again() -> None:
    need, other = besoin("1", 1.0, siret="12345678901234"), besoin("2", 2.0)
    predicted = recruteur("12345678901234", 3.0)
    first = merge([window(Source.BESOINS, [need, other])], EmployeurSort.DISTANCE, START, 2)

    second = merge([window(Source.RECRUTEURS, [predicted])], EmployeurSort.DISTANCE, first.end, 2)

    assert edges(second) == []
    assert not second.has_next_page


def test_a_page_stops_where_a_source_may_have_nearer_rows() -> None:
    page = merge(
        [
            window(Source.OFFRES, [offre("1", 1.0)], has_more=True),
            window(Source.RECRUTEURS, [recruteur("2", 50.0)]),
        ],
        EmployeurSort.DISTANCE,
        START,
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
    rows: dict[Source, list[Edge]] = {
        Source.BESOINS: [besoin(str(i), km) for i, km in enumerate(sorted(besoins))],
        Source.OFFRES: [offre(str(i), km) for i, km in enumerate(sorted(offres))],
        Source.RECRUTEURS: [recruteur(str(i), km) for i, km in enumerate(sorted(recruteurs))],
    }
    whole = merge([window(s, r) for s, r in rows.items()], EmployeurSort.DISTANCE, START, 1000)

    position, seen = START, list[Row]()
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
        position = decode_position(DIGEST, encode_position(page.end))

    assert [row.edge for row in seen] == edges(whole)


def _after(source: Source, rows: Sequence[Edge], position: Position, size: int) -> Window:
    cursor = position.cursors[PRIORITY.index(source)]
    first = int(cursor.removeprefix(source.name)) + 1 if cursor else 0
    given = window(source, rows[first : first + size], first=first, has_more=first + size < len(rows))
    return replace(given, total_count=len(rows))


def test_a_row_has_the_values_of_its_edge() -> None:
    need, predicted = besoin("1", 1.0), recruteur("2", 2.0, 70)

    page = merge(
        [window(Source.BESOINS, [need]), window(Source.RECRUTEURS, [predicted])],
        EmployeurSort.DISTANCE,
        START,
        10,
    )

    shown = [(row.distance_km, row.score, list(row.romes), list(row.raisons)) for row in page.rows]
    assert shown == [(1.0, None, [], []), (2.0, 70, ["D1102"], [])]

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.catalogue.criteria import FormationCriteria, FormationPage, PageWanted
from services.catalogue.mobilite import MetierProche, metiers_proches, read_mobilite
from services.catalogue.rome import Rome
from services.common.report import ImportReport
from services.france.geo import Zone

ROMES = {code: Rome(code, f"Métier {code}") for code in (f"A110{number}" for number in range(10))}
BOULANGERIE, *CLOSE = ROMES


@dataclass
class Counts:
    """A store with a number of trainings for each code, which records its searches."""

    by_rome: Mapping[str, int]
    asked: list[FormationCriteria] = field(default_factory=list)

    async def search(self, criteria: FormationCriteria, page: PageWanted) -> FormationPage:
        assert page == PageWanted(first=0)
        self.asked.append(criteria)
        (code,) = criteria.romes
        return FormationPage(rows=(), total=self.by_rome.get(code, 0), has_next=False)


def row(source: str, target: str, kind: str = "1") -> dict[str, str]:
    return {"code_rome": source, "code_rome_cible": target, "code_type_mobilite": kind}


def searching(*codes: str) -> FormationCriteria:
    return FormationCriteria(romes=frozenset(codes), zone=Zone(departements=frozenset(["75"])))


def test_close_jobs_come_before_next_ones_each_once() -> None:
    report = ImportReport("rome_mobilite")
    rows = [
        row(BOULANGERIE, "A1101", "2"),
        row(BOULANGERIE, "A1102", "1"),
        row(BOULANGERIE, "A1103", "1"),
        row(BOULANGERIE, "A1102", "2"),
        row(BOULANGERIE, BOULANGERIE),
        row(BOULANGERIE, "Z9999"),
        row(BOULANGERIE, "A1104", "3"),
        row("A1101", BOULANGERIE, "2"),
    ]

    found = read_mobilite(rows, ROMES, report)

    assert found == {BOULANGERIE: ("A1102", "A1103", "A1101"), "A1101": (BOULANGERIE,)}
    assert (report.read, report.accepted) == (8, 4)
    assert set(report.rejected) == {
        "same two jobs as another line: it is about other names of them",
        "ROME code that does not exist",
        "kind of mobility that is neither 1 (close) nor 2 (next)",
    }


async def test_those_of_most_trainings_come_first_and_the_closest_among_equals() -> None:
    store = Counts({"A1101": 2, "A1102": 7, "A1103": 0, "A1104": 2})
    mobilite = {BOULANGERIE: ("A1104", "A1103", "A1101", "A1102")}

    found = await metiers_proches(store, searching(BOULANGERIE), 4, ROMES, mobilite)

    assert found == [
        MetierProche(ROMES["A1102"], 7),
        MetierProche(ROMES["A1104"], 2),
        MetierProche(ROMES["A1101"], 2),
    ]


async def test_every_other_criterion_is_kept() -> None:
    store = Counts({})

    await metiers_proches(store, searching(BOULANGERIE), 0, ROMES, {BOULANGERIE: ("A1101", "A1102")})

    assert store.asked == [
        replace(searching(), romes=frozenset(["A1101"])),
        replace(searching(), romes=frozenset(["A1102"])),
    ]


async def test_eight_codes_are_counted_in_turn_of_those_asked_for_and_five_given() -> None:
    store = Counts(dict.fromkeys(CLOSE, 1))
    mobilite = {BOULANGERIE: (*CLOSE[1:], CLOSE[0]), CLOSE[0]: ("A1109", BOULANGERIE)}

    found = await metiers_proches(store, searching(BOULANGERIE, CLOSE[0]), 0, ROMES, mobilite)

    counted = [next(iter(each.romes)) for each in store.asked]
    assert counted == ["A1102", "A1109", "A1103", "A1104", "A1105", "A1106", "A1107", "A1108"]
    assert [each.rome.code for each in found] == counted[:5]


async def test_nothing_is_asked_when_enough_was_found_or_no_job_was_named() -> None:
    store = Counts({"A1101": 3})
    mobilite = {BOULANGERIE: ("A1101",)}

    assert await metiers_proches(store, searching(BOULANGERIE), 5, ROMES, mobilite) == []
    assert await metiers_proches(store, searching(), 0, ROMES, mobilite) == []
    assert await metiers_proches(store, searching("A1105"), 0, ROMES, mobilite) == []
    assert store.asked == []

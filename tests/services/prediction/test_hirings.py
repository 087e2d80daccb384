from __future__ import annotations

from dataclasses import replace

import numpy as np

from services.prediction.hirings import PERIODS, Employer, sector_propensities, simulate_hirings
from tests.support.prediction.small_france import siret

PROPENSITIES = {"1071C": 3.0, "8121Z": 0.3}


def employers(count: int, naf: str = "1071C", tranche: str | None = "03") -> list[Employer]:
    return [Employer(siret(number), naf, tranche) for number in range(1, count + 1)]


def test_same_employer_has_the_same_history_whoever_is_beside_it() -> None:
    alone = simulate_hirings(employers(1), PROPENSITIES)
    among_others = simulate_hirings(employers(20)[::-1], PROPENSITIES)

    assert alone.shape == (1, PERIODS)
    assert among_others[-1].tolist() == alone[0].tolist()


def test_history_is_recorded() -> None:
    sirets = ("00000000000018", "00000000000026", "00000000000034")
    named = [replace(employer, siret=siret) for employer, siret in zip(employers(3), sirets, strict=True)]

    history = simulate_hirings(named, PROPENSITIES)

    assert history.tolist() == [
        [0, 1, 0, 0, 1, 1, 0, 0, 2, 2, 1],
        [0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0],
        [0, 4, 0, 3, 0, 2, 0, 1, 1, 1, 0],
    ]


def test_larger_employers_hire_more() -> None:
    small = simulate_hirings(employers(300, tranche="01"), PROPENSITIES).sum()
    large = simulate_hirings(employers(300, tranche="21"), PROPENSITIES).sum()

    assert large > 5 * small


def test_sectors_of_apprenticeship_hire_more() -> None:
    bakers = simulate_hirings(employers(300), PROPENSITIES).sum()
    cleaners = simulate_hirings(employers(300, naf="8121Z"), PROPENSITIES).sum()

    assert bakers > 5 * cleaners


def test_contracts_begin_with_the_school_year() -> None:
    by_period = simulate_hirings(employers(500), PROPENSITIES).sum(axis=0)

    # The last period is a first half-year.
    assert by_period[1::2].min() > 2 * by_period[0::2].max()


def test_many_never_hire_and_the_others_differ_more_than_by_chance() -> None:
    totals = simulate_hirings(employers(500, tranche="02"), PROPENSITIES).sum(axis=1)

    assert 0.1 < (totals == 0).mean() < 0.6
    assert totals.var() > 3 * totals.mean()


def test_past_hirings_announce_those_to_come() -> None:
    history = simulate_hirings(employers(500), PROPENSITIES)

    assert np.corrcoef(history[:, :8].sum(axis=1), history[:, 8:].sum(axis=1))[0, 1] > 0.5


def test_propensity_of_a_sector_is_that_of_its_jobs() -> None:
    propensities = sector_propensities({"1071C": {"D1102": 50, "X9999": 50}, "8121Z": {"K2204": 10}})

    assert propensities == {"1071C": 2.0, "8121Z": 0.2}

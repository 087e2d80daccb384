from __future__ import annotations

import numpy as np
import pytest

from services.prediction.model import Model
from services.prediction.raisons import explain
from services.prediction.ranking import Ranking
from services.prediction.recruteur import Raison


def rows_of(ranking: Ranking, naf: str) -> list[int]:
    return [row for row in range(len(ranking.table)) if ranking.table.codes["naf"][row] == naf]


def test_weights_are_shares_and_come_heaviest_first(ranking: Ranking, model: Model) -> None:
    rows = rows_of(ranking, "1071C")

    explained = explain(ranking, model.predict, rows, ["D1102"] * len(rows))

    assert len(explained) == len(rows)
    for raisons in explained:
        weights = [abs(raison.poids) for raison in raisons]
        assert weights == sorted(weights, reverse=True)
        assert sum(weights) <= 1 + 1e-9


def test_employer_that_hires_owes_its_score_to_it(ranking: Ranking, model: Model) -> None:
    busy = int(np.argmax(ranking.table.history.sum(axis=1)))

    ((first, *_),) = explain(ranking, model.predict, [busy], [None])

    assert "embauchés" in first.libelle
    assert first.poids > 0.5


def test_sector_is_a_reason_for_a_job_and_says_its_share(ranking: Ranking, model: Model) -> None:
    baker = max(rows_of(ranking, "1071C"), key=lambda row: int(ranking.scores[row]))

    (raisons,) = explain(ranking, model.predict, [baker], ["D1102"])

    libelle = "60 % des embauches du secteur « Boulangerie et boulangerie-pâtisserie » sont pour le métier "
    assert f"{libelle}« Boulangerie - viennoiserie »" in [raison.libelle for raison in raisons]


def test_changes_that_each_fact_brings_add_up_to_the_score(ranking: Ranking, model: Model) -> None:
    busy = int(np.argmax(ranking.table.history.sum(axis=1)))
    points = float(ranking.curve.points(ranking.predicted[busy]))
    reference = float(ranking.curve.points(model.predict(np.array([[0.0] * 7 + [1.0]]))[0]))

    (raisons,) = explain(ranking, model.predict, [busy], [None])

    if all(raison.poids > 0 for raison in raisons):
        assert sum(raison.poids for raison in raisons) == pytest.approx(1 - reference / points, abs=0.01)


def test_no_row_has_no_reason(ranking: Ranking, model: Model) -> None:
    assert explain(ranking, model.predict, [], []) == []


def test_employer_like_the_reference_has_no_reason_of_its_own(ranking: Ranking, model: Model) -> None:
    idle = next(
        row
        for row in range(len(ranking.table))
        if not ranking.table.history[row].any() and ranking.table.effectif[row] == 1
    )

    assert explain(ranking, model.predict, [idle], [None]) == [()]


def test_headcount_is_named_by_its_band(ranking: Ranking) -> None:
    def hirings_by_headcount(
        features: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return features[:, -1] / 10

    large = next(
        row for row in range(len(ranking.table)) if ranking.table.codes["tranche_effectif"][row] == "21"
    )

    (raisons,) = explain(ranking, hirings_by_headcount, [large], [None])

    assert [raison.libelle for raison in raisons] == ["50 à 99 salariés"]
    assert isinstance(raisons[0], Raison)

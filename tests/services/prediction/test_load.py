from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from services.common.generation import current_generation
from services.common.report import ImportConsole
from services.prediction.load import import_employers, main
from services.prediction.table import Table, read_table
from tests.support.prediction.small_france import NAFS, employer, siret, write_data


def read(state: Path) -> Table:
    generation = current_generation(state)
    assert generation is not None
    return read_table(generation)


def test_every_row_is_counted_once(tmp_path: Path, quiet: ImportConsole) -> None:
    rows = [employer(2), employer(1), employer(2), employer(3, naf="0000X"), employer(4, raison_sociale="")]

    report = import_employers(
        write_data(tmp_path / "data", rows), tmp_path / "state", fictive=False, console=quiet
    )

    assert report.read == 5
    assert report.accepted == 2 + (employer(4)["enseigne"] != "")
    assert report.rejected["SIRET seen before"] == 1
    assert report.rejected["NAF unknown"] == 1


def test_table_is_read_back_as_it_was_written(tmp_path: Path, quiet: ImportConsole) -> None:
    rows = [
        employer(
            2, raison_sociale="CAFÉ DE L'ŒUVRE", enseigne="Chez Zoë", tranche_effectif="03", naf="5610A"
        ),
        employer(1, raison_sociale="", enseigne="PAIN", tranche_effectif="NN", adresse=""),
    ]

    import_employers(write_data(tmp_path / "data", rows), tmp_path / "state", fictive=False, console=quiet)

    table = read(tmp_path / "state")
    one, other = table.recruteur(0), table.recruteur(1)
    assert (one.siret, one.raison_sociale, one.enseigne) == (siret(1), "PAIN", None)
    assert (one.tranche_effectif, one.lieu.adresse) == (None, None)
    assert (other.siret, other.raison_sociale, other.enseigne) == (siret(2), "CAFÉ DE L'ŒUVRE", "Chez Zoë")
    assert (other.tranche_effectif, other.naf.libelle) == ("03", NAFS["5610A"])
    assert other.lieu.point is not None
    assert f"{other.lieu.point.latitude:.2f}" == employer(2)["latitude"]


def test_rows_are_found_by_siret(tmp_path: Path, quiet: ImportConsole) -> None:
    data = write_data(tmp_path / "data", [employer(number) for number in (1, 2, 5)])

    import_employers(data, tmp_path / "state", fictive=False, console=quiet)

    table = read(tmp_path / "state")
    assert [table.row_of(siret(number)) for number in (1, 2, 3, 5, 9)] == [0, 1, None, 2, None]
    assert table.row_of("0") is None


def test_simulated_hirings_make_every_row_fictive(tmp_path: Path, quiet: ImportConsole) -> None:
    import_employers(
        write_data(tmp_path / "data", [employer(1)]), tmp_path / "state", fictive=False, console=quiet
    )

    assert read(tmp_path / "state").fictive


def test_import_that_fails_changes_nothing(tmp_path: Path, quiet: ImportConsole) -> None:
    data, state = write_data(tmp_path / "data", [employer(1)]), tmp_path / "state"
    import_employers(data, state, fictive=False, console=quiet)
    before = current_generation(state)
    (data / "entreprises.csv").write_text("siret\n1\n")

    with pytest.raises(SystemExit, match=r"nothing imported: .*the heading lacks raison_sociale"):
        main(["--data", str(data), "--state", str(state)])

    assert current_generation(state) == before
    assert len(read(state)) == 1


def test_demonstration_employers_are_all_good(
    demonstration: Path, tmp_path: Path, quiet: ImportConsole
) -> None:
    report = import_employers(demonstration, tmp_path, fictive=True, console=quiet)

    assert report.accepted == report.read > 500


def test_real_employers_are_nearly_all_kept(real_state: Path) -> None:
    generation = current_generation(real_state)
    assert generation is not None
    report = orjson.loads((generation / "report.json").read_bytes())

    table = read(real_state)

    located = sum(bool(table.codes["code_insee"][row]) for row in range(len(table)))
    assert report["read"] == 40421
    assert report["accepted"] == len(table) > 40_000
    assert located > len(table) - 100

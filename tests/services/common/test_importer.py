"""The command line that importers share, tested in this process because that is fast."""

from __future__ import annotations

import pytest

from services.common.errors import UpstreamUnavailable
from services.common.importer import exit_on_failure, importer_parser
from services.common.table import BadFile


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BadFile("communes.csv: no such file"), "nothing imported: communes.csv: no such file"),
        (UpstreamUnavailable("MongoDB ne répond pas"), "nothing imported: MongoDB ne répond pas"),
        (
            PermissionError(13, "Permission denied", "/state"),
            "nothing imported: .*Permission denied: '/state'",
        ),
        (TimeoutError(), "nothing imported: the database is too slow"),
    ],
)
def test_expected_failure_ends_the_import_in_one_sentence(error: Exception, said: str) -> None:
    with pytest.raises(SystemExit, match=f"^{said}$"), exit_on_failure():
        raise error


def test_fault_of_our_own_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), exit_on_failure():
        raise ZeroDivisionError


def test_folder_to_write_to_is_asked_only_where_there_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    with_state = importer_parser("services.jobs.load", "Communes.", fictive="none", state="JOBS_STATE")
    without = importer_parser("services.rdv.load", "Hours.", fictive="hours by chance")

    assert without.parse_args(["--data", "d", "--fictive"]).fictive
    assert not hasattr(without.parse_args(["--data", "d"]), "state")
    with pytest.raises(SystemExit):
        with_state.parse_args(["--data", "d"])
    assert "--state" in capsys.readouterr().err

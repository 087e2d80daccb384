from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from deploy.local.engines.unprivileged import Account, reachable, run_as, unprivileged_account
from tests.support.repository import REPOSITORY
from tests.support.waiting import wait_until

pytestmark = pytest.mark.server


def test_folders_on_the_way_decide_what_an_account_can_reach(tmp_path: Path) -> None:
    other = Account("other", os.geteuid() + 1, os.getegid() + 1)
    (tmp_path / "closed").mkdir(mode=0o700)

    assert reachable(Path("/etc/passwd"), other)
    assert not reachable(tmp_path / "closed" / "file", other)
    assert reachable(tmp_path / "closed" / "file", None)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_child_of_another_user_ends_with_a_killed_parent() -> None:
    program = (
        "import signal, time; from deploy.local.child import spawn; "
        "from deploy.local.engines.unprivileged import run_as, unprivileged_account; "
        "words = run_as(unprivileged_account(), ['/bin/sleep', '60'], signal.SIGTERM); "
        "print(spawn(words).pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=REPOSITORY, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        wait_until(lambda: child.cmdline()[:1] == ["/bin/sleep"])
        parent.kill()

    _, alive = psutil.wait_procs([child], timeout=10)

    assert alive == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_command_of_another_user_is_no_longer_root() -> None:
    words = run_as(unprivileged_account(), ["/usr/bin/id", "-un"], signal.SIGTERM)

    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "nobody\n"

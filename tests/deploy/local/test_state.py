from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from deploy.local.secrets import load_secrets
from deploy.local.state import StateUnusable, locked_state
from tests.support.damage import DAMAGES


def test_second_holder_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    with (
        locked_state(tmp_path / "state"),
        pytest.raises(StateUnusable, match=f"in use by the process {os.getpid()}"),
        locked_state(tmp_path / "state"),
    ):
        pass


def test_lock_that_names_no_process_still_refuses_the_second_holder(tmp_path: Path) -> None:
    with locked_state(tmp_path):
        (tmp_path / "lock").write_bytes(b"\xff\xfe")

        with pytest.raises(StateUnusable, match=r"in use by the process \?: stop it"), locked_state(tmp_path):
            pass


def test_lock_is_let_go(tmp_path: Path) -> None:
    for _ in range(2):
        with locked_state(tmp_path):
            pass


def test_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(StateUnusable, match="file/state can't be used"),
        locked_state(tmp_path / "file" / "state"),
    ):
        pass


def test_secrets_are_kept_private_and_the_same(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"

    first, second = load_secrets(path), load_secrets(path)

    assert first == second
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len({first.matcha_token_secret, first.sandbox_client_id, first.sandbox_client_secret}) == 3


def test_secret_that_is_missing_is_added(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text('{"matcha_token_secret": "kept"}')

    loaded = load_secrets(path)

    assert loaded.matcha_token_secret == "kept"
    assert load_secrets(path) == loaded


@pytest.mark.parametrize("content", ["", "{", "[]", '{"matcha_token_secret": 1}'])
def test_secrets_that_cannot_be_read_are_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(content)

    with pytest.raises(StateUnusable, match=r"secrets\.json can't be read: remove it"):
        load_secrets(path)
    assert path.read_text() == content


@pytest.mark.parametrize("damage", [each for each in DAMAGES if each != "deleted"])
def test_damaged_secrets_are_not_replaced_in_silence(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "secrets.json"
    load_secrets(path)
    DAMAGES[damage](path)

    with pytest.raises(StateUnusable, match=rf"{path} can't be read: remove it .*: rm -r {path}$"):
        load_secrets(path)


def test_changed_letter_of_a_secret_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    secret = load_secrets(path).matcha_token_secret
    path.write_text(path.read_text().replace(secret, secret.swapcase()))

    with pytest.raises(StateUnusable):
        load_secrets(path)


def test_what_is_no_secret_of_ours_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text('{"matcha_token_secret": "kept", "of_an_older_version": "dropped"}')

    assert load_secrets(path).matcha_token_secret == "kept"
    assert "dropped" not in path.read_text()

from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from services.common.settings import ServiceSettings, load_settings


class EssaiSettings(ServiceSettings):
    """Settings with a required field, a secret and a field with a default."""

    model_config = SettingsConfigDict(env_prefix="ESSAI_")

    database_url: str
    secret: SecretStr
    page_size: int = 20


COMPLETE = {"ESSAI_PORT": "50051", "ESSAI_DATABASE_URL": "mongodb://db", "ESSAI_SECRET": "s3cret"}


def test_settings_are_read_from_variables_with_the_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ESSAI_UNKNOWN", "left aside")
    monkeypatch.setenv("PAGE_SIZE", "50")

    settings = load_settings(EssaiSettings)

    assert (settings.port, settings.database_url, settings.page_size) == (50051, "mongodb://db", 20)
    assert (settings.host, settings.log_level, settings.metrics_port) == ("127.0.0.1", "info", None)
    assert "s3cret" not in repr(settings)


def test_settings_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(EssaiSettings)

    with pytest.raises(ValidationError):
        setattr(settings, "port", 1)  # noqa: B010 - mypy knows that the field is frozen


def test_every_missing_or_wrong_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESSAI_PORT", "http")
    monkeypatch.setenv("ESSAI_LOG_LEVEL", "loud")
    monkeypatch.setenv("ESSAI_PAGE_SIZE", "")

    with pytest.raises(SystemExit) as stopped:
        load_settings(EssaiSettings)

    first, *lines = str(stopped.value).splitlines()
    assert first == "bad settings in the environment:"
    told = dict(line.strip().split(": ", 1) for line in lines)
    assert set(told) == {
        "ESSAI_PORT",
        "ESSAI_LOG_LEVEL",
        "ESSAI_PAGE_SIZE",
        "ESSAI_DATABASE_URL",
        "ESSAI_SECRET",
    }
    assert told["ESSAI_DATABASE_URL"] == "field required"
    assert "'debug', 'info', 'warning' or 'error'" in told["ESSAI_LOG_LEVEL"]


def test_refused_value_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESSAI_PORT", "mongodb://admin:s3cret@db")

    with pytest.raises(SystemExit) as stopped:
        load_settings(EssaiSettings)

    assert "s3cret" not in str(stopped.value)

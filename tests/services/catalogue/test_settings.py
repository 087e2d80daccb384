from __future__ import annotations

from pathlib import Path

import pytest

from services.catalogue.settings import ElasticsearchSettings, Settings
from services.common.settings import load_settings


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_PORT", "1")
    monkeypatch.setenv("CATALOGUE_ELASTICSEARCH_URL", "https://es-1:9200,https://es-2")


def test_hosts_are_given_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "CATALOGUE_ELASTICSEARCH_URL", " https://es-1:9243, https://es-2 ,http://es-3/behind/,http://[::1] "
    )

    assert load_settings(ElasticsearchSettings).elasticsearch_hosts == [
        "https://es-1:9243",
        "https://es-2:443",
        "http://es-3:9200/behind",
        "http://[::1]:9200",
    ]


def test_state_is_needed_without_elasticsearch_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(Settings).state is None
    monkeypatch.delenv("CATALOGUE_ELASTICSEARCH_URL")

    with pytest.raises(SystemExit, match="CATALOGUE_STATE"):
        load_settings(Settings)

    monkeypatch.setenv("CATALOGUE_STATE", "folder")
    assert load_settings(Settings).state == Path("folder")
    assert load_settings(Settings).elasticsearch_hosts == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"URL": "es-1:9200"}, "ELASTICSEARCH_URL.*https://name:port"),
        ({"URL": "ftp://es-1"}, "ELASTICSEARCH_URL.*https://name:port"),
        ({"URL": "https://es-1:port"}, "ELASTICSEARCH_URL.*[Pp]ort"),
        ({"URL": "https://es-1:99999"}, "ELASTICSEARCH_URL.*[Pp]ort"),
        ({"URL": "https://someone:secret@es-1"}, "ELASTICSEARCH_URL.*variables of their own"),
        ({"USER": "someone"}, "go together"),
        ({"PASSWORD": "secret"}, "go together"),
        ({"API_KEY": "key", "USER": "someone", "PASSWORD": "secret"}, "not both"),
        ({"CA_FILE": "/nowhere/ca.pem"}, "ELASTICSEARCH_CA_FILE.*can't be read"),
        ({"PREFIX": "Lba*"}, "ELASTICSEARCH_PREFIX"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"CATALOGUE_ELASTICSEARCH_{name}", value)

    with pytest.raises(SystemExit, match=said) as raised:
        load_settings(Settings)

    assert "secret" not in str(raised.value)

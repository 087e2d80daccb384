"""What the catalogue reads from its environment."""

from __future__ import annotations

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from services.common.settings import ProcessSettings, ServiceSettings

_DEFAULT_PORTS = {"http": 9200, "https": 443}


class ElasticsearchSettings(ProcessSettings):
    """The cluster that holds the trainings, if there is one; the importer asks for no more."""

    model_config = SettingsConfigDict(env_prefix="CATALOGUE_")

    elasticsearch_url: str = ""
    """Hosts of the Elasticsearch cluster, version 8 or later: `https://es-1:9200,https://es-2:9200`.
    Without a port: 443 for https, 9200 for http. Empty: the engine within the service is used."""

    elasticsearch_api_key: SecretStr | None = None
    """API key, as Elasticsearch gives it encoded. Excludes user and password."""

    elasticsearch_user: str | None = None
    """User, with a password."""

    elasticsearch_password: SecretStr | None = None
    """Password of the user."""

    elasticsearch_ca_file: Path | None = None
    """PEM file of the authority of the hosts' certificates; the usual authorities without it."""

    elasticsearch_prefix: str = Field(default="lba-catalogue", pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    """How the names of its indexes and aliases begin."""

    elasticsearch_replicas: int = Field(default=1, ge=0, le=10)
    """Copies of each index beside the first, as far as there are nodes for them."""

    elasticsearch_try_s: float = Field(default=1.0, gt=0)
    """Seconds that one host has to answer before another is asked."""

    elasticsearch_timeout_s: float = Field(default=2.5, gt=0)
    """Seconds that a search may take in all, where its client does not say less."""

    @property
    def elasticsearch_hosts(self) -> list[str]:
        """Each with its port; none without a cluster."""
        return [_with_port(url) for url in self.elasticsearch_url.split(",") if url.strip()]

    @field_validator("elasticsearch_url")
    @classmethod
    def _only_hosts(cls, value: str) -> str:
        for url in value.split(","):
            if url.strip():
                _check_host(url.strip())
        return value

    @field_validator("elasticsearch_ca_file")
    @classmethod
    def _readable(cls, value: Path | None) -> Path | None:
        if value is not None:
            try:
                value.open("rb").close()
            except OSError as error:
                raise ValueError(f"{value} can't be read: {error.strerror}") from error
        return value

    @field_validator("elasticsearch_password")
    @classmethod
    def _goes_with_a_user(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if (value is None) != (info.data.get("elasticsearch_user") is None):
            raise ValueError("user and password go together")
        if value is not None and info.data.get("elasticsearch_api_key") is not None:
            raise ValueError("give an API key, or a user and a password, not both")
        return value


def _check_host(url: str) -> None:
    parts = urlsplit(url)
    # Raises ValueError when it is no number, or out of range.
    _ = parts.port
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"{parts.scheme or url!r}: a host is https://name:port or http://name:port")
    if parts.username is not None:
        # An address is shown in logs and messages.
        raise ValueError("user and password have variables of their own, they don't belong in an address")
    if parts.query or parts.fragment:
        raise ValueError(f"{url!r}: neither '?' nor '#' belongs in the address of a host")


def _with_port(url: str) -> str:
    parts = urlsplit(url.strip())
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{port}{parts.path.rstrip('/')}"


class Settings(ElasticsearchSettings, ServiceSettings):
    """Variables `CATALOGUE_*`."""

    model_config = SettingsConfigDict(env_prefix="CATALOGUE_")

    state: Path | None = Field(default=None, validate_default=True)
    """Folder that `python -m services.catalogue.load` fills; a new import is served within seconds.
    Required, unless Elasticsearch is used: the service keeps nothing then."""

    @model_validator(mode="after")
    def _somewhere_to_read(self) -> Self:
        if self.state is None and not self.elasticsearch_hosts:
            raise ValueError("either CATALOGUE_STATE or CATALOGUE_ELASTICSEARCH_URL is required")
        return self

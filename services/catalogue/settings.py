"""Settings of the catalogue service, read from environment variables."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from services.common.setting_types import Folder, ReadableFile, Secret, Text
from services.common.settings import ProcessSettings, ServiceSettings

_DEFAULT_PORTS = {"http": 9200, "https": 443}


class ElasticsearchSettings(ProcessSettings):
    """The cluster that holds the trainings, if there is one; the importer needs no other setting."""

    model_config = SettingsConfigDict(env_prefix="CATALOGUE_")

    elasticsearch_url: str = ""
    """Hosts of the Elasticsearch cluster, version 8 or later: `https://es-1:9200,https://es-2:9200`.
    Without a port: 443 for https, 9200 for http. Empty: the engine within the service is used."""

    elasticsearch_api_key: Secret | None = None
    """API key, as Elasticsearch gives it encoded. Excludes user and password."""

    elasticsearch_user: Text | None = None
    """User, with a password."""

    elasticsearch_password: Secret | None = None
    """Password of the user."""

    elasticsearch_ca_file: ReadableFile | None = None
    """PEM file of the authority of the hosts' certificates; the usual authorities if absent."""

    elasticsearch_prefix: str = Field(default="lba-catalogue", pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    """Prefix of the names of its indexes and aliases."""

    elasticsearch_replicas: int = Field(default=1, ge=0, le=10)
    """Replicas of each index; Elasticsearch allocates those that it has nodes for."""

    elasticsearch_try_s: float = Field(default=1.0, gt=0)
    """Seconds to wait for one host before another is tried."""

    elasticsearch_timeout_s: float = Field(default=2.5, gt=0)
    """Most seconds of a search on all hosts; an earlier deadline of its client applies."""

    @property
    def elasticsearch_hosts(self) -> list[str]:
        """The URL of each host, with its port; empty without a cluster."""
        return [_with_port(url) for url in self.elasticsearch_url.split(",") if url.strip()]

    @field_validator("elasticsearch_url")
    @classmethod
    def _check_hosts(cls, value: str) -> str:
        for url in value.split(","):
            if url.strip():
                _check_host(url.strip())
        return value

    @field_validator("elasticsearch_password")
    @classmethod
    def _check_credentials(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if (value is None) != (info.data.get("elasticsearch_user") is None):
            raise ValueError("user and password go together")
        if value is not None and info.data.get("elasticsearch_api_key") is not None:
            raise ValueError("give an API key, or a user and a password, not both")
        return value


def _check_host(url: str) -> None:
    parts = urlsplit(url)
    # urlsplit checks the port only when it is read: it raises ValueError for a wrong one.
    _ = parts.port
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        # The address itself may hold a password.
        raise ValueError("a host is https://name:port or http://name:port")
    if parts.username is not None:
        # Addresses are written to logs and messages.
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

    state: Folder | None = Field(default=None, validate_default=True)
    """Folder that `python -m services.catalogue.load` fills; a new import is served within seconds.
    Required without Elasticsearch. With it, the service stores nothing."""

    @model_validator(mode="after")
    def _check_source(self) -> Self:
        if self.state is None and not self.elasticsearch_hosts:
            raise ValueError("either CATALOGUE_STATE or CATALOGUE_ELASTICSEARCH_URL is required")
        return self

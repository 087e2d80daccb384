"""What the jobs service reads from its environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, HttpUrl, SecretStr
from pydantic_settings import SettingsConfigDict

from services.common.settings import ServiceSettings


class Settings(ServiceSettings):
    """Variables `JOBS_*`."""

    model_config = SettingsConfigDict(env_prefix="JOBS_")

    state: Path
    """Folder of the communes table, written by `python -m services.jobs.load`."""

    partner_url: HttpUrl
    """Base of the partner's API: https://api.francetravail.io/partenaire/offresdemploi, or the sandbox's."""

    token_url: HttpUrl
    """Where tokens are asked for, realm included:
    https://entreprise.francetravail.fr/connexion/oauth2/access_token?realm=%2Fpartenaire."""

    client_id: str
    """Name of our account at the partner's."""

    client_secret: SecretStr
    """Its secret."""

    scope: str = "api_offresdemploiv2 o2dsoffre"
    """Rights asked for with each token; the partner adds `application_<client id>` to some accounts."""

    requests_per_s: int = Field(default=10, ge=1)
    """Requests that the partner allows us each second; divide it by the number of replicas."""

    max_pages: int = Field(default=7, ge=1)
    """Pages of 150 offers read for one search at most; beyond, the answer says that it is partial."""

    cache_s: float = Field(default=60.0, ge=0)
    """Seconds that the partner's answer to a search may be shown again without asking."""

    cache_entries: int = Field(default=256, ge=1)
    """Searches kept at most."""

    timeout_s: float = Field(default=2.7, gt=0)
    """Longest time given to the partner for one answer; the request's own deadline comes first."""

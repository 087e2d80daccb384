"""Settings of the jobs service, read from environment variables."""

from __future__ import annotations

from pydantic import Field, HttpUrl
from pydantic_settings import SettingsConfigDict

from services.common.setting_types import Folder, Secret, Text
from services.common.settings import ServiceSettings


class Settings(ServiceSettings):
    """Variables `JOBS_*`."""

    model_config = SettingsConfigDict(env_prefix="JOBS_")

    state: Folder
    """Folder of the communes table, written by `python -m services.jobs.load`."""

    partner_url: HttpUrl
    """Base of the partner's API: https://api.francetravail.io/partenaire/offresdemploi, or the sandbox's."""

    token_url: HttpUrl
    """URL of the token endpoint, with its realm:
    https://entreprise.francetravail.fr/connexion/oauth2/access_token?realm=%2Fpartenaire."""

    client_id: Text
    """Client id of our account with the partner."""

    client_secret: Secret
    """Secret of that account."""

    scope: Text = "api_offresdemploiv2 o2dsoffre"
    """OAuth scopes of each token; the partner gives some accounts `application_<client id>` too."""

    requests_per_s: int = Field(default=10, ge=1)
    """Requests per second that the partner allows for the account, divided by the number of replicas.

    Callers share them fairly.
    """

    max_pages: int = Field(default=7, ge=1)
    """Most pages of 150 offers read for one search; if there are more, the answer says that it is partial."""

    cache_s: float = Field(default=60.0, ge=0)
    """Seconds for which the partner's answers are cached: searches, offers, and ids without an offer."""

    cache_entries: int = Field(default=256, ge=1)
    """Most searches in the cache, most offers read by id, and most pages of searches that were cut short."""

    timeout_s: float = Field(default=2.7, gt=0)
    """Most seconds that a request waits for the partner; an earlier deadline of the request applies."""

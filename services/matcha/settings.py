"""Settings of the matcha service, read from environment variables."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.common.mongo_settings import DatabaseName, MongoUrl
from services.common.setting_types import Secret
from services.common.settings import ProcessSettings, ServiceSettings


class StoreSettings(ProcessSettings):
    """The database of the needs; the importer needs no other setting."""

    model_config = SettingsConfigDict(env_prefix="MATCHA_")

    mongodb_url: MongoUrl
    """Address of the MongoDB replica set: `mongodb://host:port/?replicaSet=name`. May hold a password."""

    mongodb_database: DatabaseName = "lba_matcha"
    """Name of the database."""


class TokenSettings(ProcessSettings):
    """The secret of the tokens of recruiters; `services.matcha.token` needs no other setting."""

    model_config = SettingsConfigDict(env_prefix="MATCHA_")

    token_secret: Secret = Field(min_length=32)
    """Secret that signs the tokens of recruiters (HMAC-SHA256): 32 characters or more."""


class Settings(TokenSettings, StoreSettings, ServiceSettings):
    """All settings of the service."""

    model_config = SettingsConfigDict(env_prefix="MATCHA_")

    caller_per_day: int = Field(default=10, ge=1)
    """Needs that one client may post in 24 hours without a token."""

    caller_per_entreprise: int = Field(default=2, ge=1)
    """Needs that one client may post in a week for one company without its token."""

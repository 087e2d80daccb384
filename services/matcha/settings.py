"""What the matcha service reads from its environment."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.common.settings import ProcessSettings, ServiceSettings


class StoreSettings(ProcessSettings):
    """Where the needs are; the importer asks for no more."""

    model_config = SettingsConfigDict(env_prefix="MATCHA_")

    mongodb_url: SecretStr
    """Address of the MongoDB replica set: `mongodb://host:port/?replicaSet=name`. May hold a password."""

    mongodb_database: str = "lba_matcha"
    """Name of the database."""


class TokenSettings(ProcessSettings):
    """What signs the tokens of recruiters."""

    model_config = SettingsConfigDict(env_prefix="MATCHA_")

    token_secret: SecretStr = Field(min_length=32)
    """Secret that signs the tokens of recruiters (HMAC-SHA256): 32 characters or more."""


class Settings(TokenSettings, StoreSettings, ServiceSettings):
    """Everything that the service needs."""

    model_config = SettingsConfigDict(env_prefix="MATCHA_")

    max_en_attente: int = Field(default=5, ge=1)
    """Needs that a company may have waiting for validation at the same time."""

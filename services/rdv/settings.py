"""Settings of the rdv service, read from environment variables."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.common.mongo_settings import DatabaseName, MongoUrl
from services.common.settings import ProcessSettings, ServiceSettings


class StoreSettings(ProcessSettings):
    """The database of the appointments; the importer needs no other setting."""

    model_config = SettingsConfigDict(env_prefix="RDV_")

    mongodb_url: MongoUrl
    """Address of the MongoDB replica set: `mongodb://host:port/?replicaSet=name`. May hold a password."""

    mongodb_database: DatabaseName = "lba_rdv"
    """Name of the database."""


class Settings(StoreSettings, ServiceSettings):
    """All settings of the service."""

    model_config = SettingsConfigDict(env_prefix="RDV_")

    lead_hours: float = Field(default=2.0, ge=0)
    """Hours between now and the first slot that may be booked."""

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

    caller_per_hour: int = Field(default=5, ge=1)
    """Appointments that one client may book in an hour."""

    caller_per_day: int = Field(default=10, ge=1)
    """Appointments that one client may book in 24 hours."""

    caller_per_centre: int = Field(default=3, ge=1)
    """Appointments that one client may book in 24 hours at one training centre."""

    candidat_at_once: int = Field(default=3, ge=1)
    """Appointments to come that one e-mail address or telephone number may have."""

    candidat_per_day: int = Field(default=5, ge=1)
    """Appointments that one e-mail address or telephone number may book in 24 hours."""

    centre_percent_per_day: float = Field(default=10.0, ge=0, le=100)
    """Part of its slots of eight weeks that a training centre may get booked in a day, in percent."""

    centre_at_least: int = Field(default=10, ge=1)
    """Appointments that a training centre takes in a day, however few its slots."""

"""What the catalogue reads from its environment."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from services.common.settings import ServiceSettings


class Settings(ServiceSettings):
    """Variables `CATALOGUE_*`."""

    model_config = SettingsConfigDict(env_prefix="CATALOGUE_")

    state: Path
    """Folder that `python -m services.catalogue.load` fills; a new import is served within seconds."""

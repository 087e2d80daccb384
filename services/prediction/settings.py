"""Settings of the prediction service, read from environment variables."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from services.common.settings import ServiceSettings
from services.prediction.score import ALTERNANCE


class Settings(ServiceSettings):
    """Variables that start with `PREDICTION_`."""

    model_config = SettingsConfigDict(env_prefix="PREDICTION_")

    state: Path
    """Folder that the import writes to, with the employers."""

    model: Path = Path(__file__).with_name("model.onnx")
    """ONNX model of the scores, written by `services.prediction.train`."""

    s50: float = ALTERNANCE.s50
    """Apprentices that an employer with 50 points out of 100 is expected to hire in six months."""

    s60: float = ALTERNANCE.s60
    """The same for 60 points."""

    s80: float = ALTERNANCE.s80
    """The same for 80 points; 1 or more."""

    s100: float = ALTERNANCE.s100
    """The same for 100 points."""

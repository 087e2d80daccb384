"""What the prediction service reads from its environment."""

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
    """ONNX model that the scores come from, as `services.prediction.train` writes it."""

    s50: float = ALTERNANCE.s50
    """Hirings of apprentices expected over six months that are worth 50 points out of 100."""

    s60: float = ALTERNANCE.s60
    """The same for 60 points."""

    s80: float = ALTERNANCE.s80
    """The same for 80 points; 1 or more."""

    s100: float = ALTERNANCE.s100
    """The same for 100 points."""

"""Settings of the prediction service, read from environment variables."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from services.common.setting_types import Folder, ReadableFile
from services.common.settings import ServiceSettings
from services.prediction.score import ALTERNANCE, Curve


class Settings(ServiceSettings):
    """Variables that start with `PREDICTION_`."""

    model_config = SettingsConfigDict(env_prefix="PREDICTION_")

    state: Folder
    """Folder that the import writes to, with the employers."""

    model: ReadableFile = Path(__file__).with_name("model.onnx")
    """ONNX model of the scores, written by `services.prediction.train`."""

    s50: float = Field(default=ALTERNANCE.s50, gt=0)
    """Apprentices that an employer with 50 points out of 100 is expected to hire in six months."""

    s60: float = Field(default=ALTERNANCE.s60, gt=0)
    """The same for 60 points."""

    s80: float = Field(default=ALTERNANCE.s80, gt=0)
    """The same for 80 points; 1 or more."""

    s100: float = Field(default=ALTERNANCE.s100, gt=0)
    """The same for 100 points."""

    @property
    def curve(self) -> Curve:
        return Curve(self.s50, self.s60, self.s80, self.s100)

    @model_validator(mode="after")
    def _check_curve(self) -> Self:
        try:
            _ = self.curve
        except ValueError as error:
            names = ", ".join(f"PREDICTION_S{points}" for points in (50, 60, 80, 100))
            raise ValueError(f"{names}: {error}") from error
        return self

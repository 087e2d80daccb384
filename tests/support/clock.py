"""Time that passes when a test says so."""

from __future__ import annotations


class HandClock:
    """Gives the same instant until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s

    def pass_s(self, seconds: float) -> None:
        self.now_s += seconds

"""The grid that both engines hold places on, so that they measure the same distances.

It is Lucene's, which Elasticsearch rounds every point down to: a centimetre at most. Rows that are
a few millimetres nearer than others would else come in another order in each engine.
"""

from __future__ import annotations

import numpy as np

from services.common.geo_columns import Floats

_LATITUDE_STEP = 180 / 2**32
_LONGITUDE_STEP = 360 / 2**32


def on_grid(latitudes: Floats, longitudes: Floats) -> tuple[Floats, Floats]:
    """Degrees, as an index holds them; NaN stays NaN."""
    return (
        np.floor(latitudes / _LATITUDE_STEP) * _LATITUDE_STEP,
        np.floor(longitudes / _LONGITUDE_STEP) * _LONGITUDE_STEP,
    )

from __future__ import annotations

import gzip

from tests.support.repository import REPOSITORY


def test_assets_of_graphiql_are_whole() -> None:
    assets = list((REPOSITORY / "gateway" / "web" / "graphiql").glob("*.gz"))

    assert len(assets) == 4
    assert all(len(gzip.decompress(asset.read_bytes())) > 5_000 for asset in assets)

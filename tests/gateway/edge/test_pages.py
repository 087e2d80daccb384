from __future__ import annotations

import gzip
import re

from graphql import build_ast_schema, parse, validate

from tests.support.repository import REPOSITORY


def test_assets_of_graphiql_are_whole() -> None:
    assets = list((REPOSITORY / "gateway" / "web" / "graphiql").glob("*.gz"))

    assert len(assets) == 4
    assert all(len(gzip.decompress(asset.read_bytes())) > 5_000 for asset in assets)


def test_the_query_that_the_page_proposes_is_one_of_the_schema() -> None:
    script = (REPOSITORY / "gateway" / "web" / "page.js").read_text()
    found = re.search(r"const query = `([^`]*)`;", script)
    assert found is not None
    schema = build_ast_schema(parse((REPOSITORY / "gateway" / "schema.graphql").read_text()))

    assert validate(schema, parse(found[1])) == []

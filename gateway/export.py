"""Prints the schema in SDL: `python -m gateway.export > gateway/schema.graphql`."""

from __future__ import annotations

import sys

from gateway.schema import build_schema

if __name__ == "__main__":
    sys.stdout.write(build_schema().as_str() + "\n")

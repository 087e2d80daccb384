"""Compiled query plans, with graphql-core as their fallback; the layers of the gateway above call it."""

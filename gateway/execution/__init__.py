"""Compiled query plans, completed by graphql-core where needed; every part of the gateway above calls it."""

"""Compiled query plans: the plain part of an answer in one generated function, the rest by graphql-core."""

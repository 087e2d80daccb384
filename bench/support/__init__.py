"""Helpers that several benches share; only the benches call it."""

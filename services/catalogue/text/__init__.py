"""Turns French text into tokens and typed text into queries, for every part of the catalogue above it."""

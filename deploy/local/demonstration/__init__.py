"""Generates the fictitious demonstration set from public facts; the local system and the tests call it."""

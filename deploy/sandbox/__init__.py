"""Simulates the France Travail API in a process of its own; only the local system and the tests start it."""

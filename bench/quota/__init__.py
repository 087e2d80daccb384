"""Measures what a caller waits for offers beside another that asks too much; run as a command."""

"""Measures the main query over HTTP on the whole system; run as a command."""

"""Measures the latency of the catalogue's searches on both engines; run as a command."""

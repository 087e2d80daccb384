"""Runs `measure.py`."""

from bench.relevance.measure import main

main()

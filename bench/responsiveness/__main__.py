"""Runs `measure.py`."""

from bench.responsiveness.measure import main

main()

"""Runs `measure.py`."""

from bench.catalogue.measure import main

main()

"""See `measure.py`."""

from bench.search.measure import main

main()

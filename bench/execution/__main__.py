"""See `measure.py`."""

from bench.execution.measure import main

main()

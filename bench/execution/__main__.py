"""The command `python -m bench.execution`."""

from bench.execution.measure import main

main()

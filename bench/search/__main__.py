"""The command `python -m bench.search`."""

from bench.search.measure import main

main()

"""The command `python -m bench.quota`."""

from bench.quota.measure import main

main()

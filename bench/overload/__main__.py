"""The command `python -m bench.overload`."""

from bench.overload.measure import main

main()

"""The command `python -m bench.attacks`."""

from bench.attacks.measure import main

main()

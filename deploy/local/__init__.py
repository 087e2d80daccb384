"""Runs the whole system on one machine with its data; `make run` starts it, tests and benches reuse it."""

"""Benchmarks, run as commands (`python -m bench.NAME`); no other code imports them, except their tests."""

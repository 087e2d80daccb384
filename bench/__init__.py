"""Benchmarks; each says what it measures, and none is a test."""

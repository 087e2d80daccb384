"""Real databases on this machine without containers; the local system, the tests and the benches call it."""

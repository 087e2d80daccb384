"""A real Elasticsearch on this machine, without containers; the local system, tests and benches call it."""

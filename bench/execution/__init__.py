"""Measures the cost of executing a query in the gateway, in one process; run as a command."""

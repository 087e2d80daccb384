"""Compares our gateway with others on one query and fixed answers of the services; run as a command."""

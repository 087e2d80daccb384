"""Measures for how long the event loop of the catalogue is held; run as a command."""

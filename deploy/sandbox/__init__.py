"""The France Travail API, simulated on a port of its own; only the local system and the tests start it."""

"""The search page over HTTP, on the whole system."""

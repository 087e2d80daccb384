"""The services as the gateway sees them: clients, breaker, loaders, tables; used by `types` and `search`."""

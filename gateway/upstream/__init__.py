"""The services as seen by the gateway: clients, breaker, loaders, tables; `types` and `search` call it."""

"""Between the network and the schema: the endpoint, the probes, the pages. Only `gateway.app` uses it."""

"""Everything between the network and the schema: endpoint, probes, pages; only `gateway.app` calls it."""

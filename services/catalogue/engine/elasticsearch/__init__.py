"""The engine on an Elasticsearch cluster, the only code that imports its client; the start-up calls it."""

"""A real Elasticsearch: its files, its nodes, its life."""

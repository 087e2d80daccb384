"""The nouns of the schema, one file each, bound to the services' messages; used by `search` and `schema`."""

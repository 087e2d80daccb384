"""The nouns of the schema, bound to messages of the services; `search` and `schema` call it."""

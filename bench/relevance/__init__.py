"""How well suggestions and searches find what is meant."""

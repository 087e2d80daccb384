"""How fast each engine of the catalogue answers."""

"""Our gateway and its peers on the same query and the same answers of the services."""

"""Facts about France (codes, names, communes, distances, clock), for the gateway, services and sandbox."""

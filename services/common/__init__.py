"""Infrastructure without nouns of the domain (settings, logs, errors, servers), for every process."""

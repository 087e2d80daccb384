"""Jobs, diplomas and communes proposed while a person types; used by the servicer and the import."""

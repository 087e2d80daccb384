"""Suggests jobs, diplomas and communes while a person types; the servicer, `live` and the import call it."""

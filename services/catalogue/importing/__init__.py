"""Reads the open data into trainings and tables, and publishes them; only `load` calls it."""

"""The main query: trainings and employers for a job and a place; only `schema` calls it."""

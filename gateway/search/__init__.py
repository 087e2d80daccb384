"""The query that everything serves: trainings and employers for a job and a place; used by `schema`."""

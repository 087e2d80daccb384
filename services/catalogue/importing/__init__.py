"""Reading the open data into trainings and tables, and publishing them; used by `load` alone."""

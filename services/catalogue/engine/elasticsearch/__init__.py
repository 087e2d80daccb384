"""The trainings in Elasticsearch; the only code that imports its client."""

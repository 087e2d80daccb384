"""The typical query (50 trainings, 100 employers) on recorded answers; other benches and tests call it."""

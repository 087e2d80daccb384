"""The typical query (50 trainings, 100 employers) on two recorded answers, for other benches and tests."""

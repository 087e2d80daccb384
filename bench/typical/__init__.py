"""The typical query: 50 trainings of 15 fields and 100 employers of 10, over two recorded answers."""

"""The trainings in a Tantivy index inside the process; the only code that imports Tantivy."""

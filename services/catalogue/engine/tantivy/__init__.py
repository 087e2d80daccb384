"""The engine on a Tantivy index in the process, the only code that imports Tantivy; the start-up calls it."""

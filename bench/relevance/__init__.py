"""Scores the relevance of suggestions and searches on judged queries; run as a command."""

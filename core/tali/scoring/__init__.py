"""Scoring: hidden tests, signals and code quality of a submitted attempt, and the score with its lineage."""

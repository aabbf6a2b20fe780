"""Grading: what running, testing and judging code quality mean for each language, on any sandbox."""

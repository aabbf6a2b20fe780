"""Counting what goes to the database."""

from tests.counting import statements

__all__ = ["statements"]

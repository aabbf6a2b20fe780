"""TALI measures how engineers work with AI tools."""

__version__ = "0.1.0"

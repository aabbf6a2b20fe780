"""Providers: which of the plugins' offers an organisation uses, and with what settings of its own."""

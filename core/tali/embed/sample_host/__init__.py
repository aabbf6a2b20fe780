"""A page that embeds an assessment: the example to copy from, and the page that the browser tests use."""

from tali.embed.sample_host.server import serve

__all__ = ["serve"]

"""A team wiki."""

from wiki.app import Forbidden, NotFound, Wiki
from wiki.model import Document, Share, Space, User
from wiki.store import Store

__all__ = ["Document", "Forbidden", "NotFound", "Share", "Space", "Store", "User", "Wiki"]

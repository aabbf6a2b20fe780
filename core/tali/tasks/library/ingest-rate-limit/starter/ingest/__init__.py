"""A small log-ingest service."""

from ingest.limits import BatchTooLarge, Limit, Limits, RateLimited
from ingest.service import IngestService, Receipt
from ingest.store import CountStore

__all__ = ["BatchTooLarge", "CountStore", "IngestService", "Limit", "Limits", "RateLimited", "Receipt"]

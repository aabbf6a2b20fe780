"""Identifiers: UUIDv7, made here because `uuidv7()` exists only from PostgreSQL 18 and we hold from 15."""

from __future__ import annotations

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A new identifier; later ones sort after earlier ones, which keeps indexes dense and lists stable."""
    return uuid_utils.compat.uuid7()

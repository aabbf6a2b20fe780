"""Alembic's entry: runs revisions as the owning role, with timeouts so that a migration never holds the world up."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, pool, text

from tali.application import import_models
from tali.kernel.models import Base

import_models()
url = context.config.attributes.get("url") or context.config.get_main_option("sqlalchemy.url")
if not url:
    raise SystemExit("No database given. Use `tali db upgrade`, which reads TALI_DATABASE_URL.")
if url.startswith("postgresql://"):
    url = "postgresql+psycopg://" + url.removeprefix("postgresql://")

with create_engine(url, poolclass=pool.NullPool).connect() as connection:
    connection.execute(text("SET lock_timeout = '4s'"))
    connection.execute(text("SET statement_timeout = '60s'"))
    connection.commit()
    context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()

"""The database schema, one Alembic revision after another (packaged as `tali.migrations`)."""

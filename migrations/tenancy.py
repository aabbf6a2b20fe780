"""Walls between organisations: the policy of a tenant table, and what the role `tali_app` may do with it."""

from __future__ import annotations

from alembic import op

CURRENT = "nullif(current_setting('tali.organization_id', true), '')::uuid"
"""The organisation of the transaction; NULL, and so no row at all, where none was declared."""


def wall(table: str, *, column: str = "organization_id", grants: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Show rows of `table` to their own organisation only, for reading and writing."""
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    op.execute(
        f'CREATE POLICY tenant ON "{table}" FOR ALL TO tali_app USING ({column} = {CURRENT}) WITH CHECK ({column} = {CURRENT})'
    )
    op.execute(f'GRANT {grants} ON "{table}" TO tali_app')


def definer(signature: str, returns: str, body: str) -> None:
    """Create a SECURITY DEFINER function that `tali_app` may call: the only way to read across organisations."""
    op.execute(
        f"CREATE FUNCTION {signature} RETURNS {returns} LANGUAGE sql VOLATILE SECURITY DEFINER"
        f" SET search_path = public, pg_temp AS $body$ {body} $body$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO tali_app")

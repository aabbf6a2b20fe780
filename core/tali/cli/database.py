"""`tali db`: the schema."""

from __future__ import annotations

import click

from tali.cli import schema
from tali.kernel.settings import Settings


@click.group()
def db() -> None:
    """The database schema."""


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the schema to REVISION (default: this version's)."""
    schema.upgrade(Settings.from_environment(), revision)


@db.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take revisions back to REVISION."""
    schema.downgrade(Settings.from_environment(), revision)


@db.command()
def current() -> None:
    """Tell the database's revision and this version's."""
    settings = Settings.from_environment()
    click.echo(f"database {schema.current(settings) or 'empty'}, this version {schema.head()}")

"""`tali jobs`: what the background is doing, and what needs a human."""

from __future__ import annotations

from uuid import UUID

import click
from sqlalchemy import select

from tali.application import import_jobs
from tali.jobs import service
from tali.jobs.models import STATES, Job
from tali.kernel.database import Database
from tali.kernel.errors import TaliError
from tali.kernel.settings import Settings


@click.group()
def jobs() -> None:
    """Background jobs."""


def _database() -> Database:
    import_jobs()
    return Database(Settings.from_environment(), "tali-cli", pool_size=1, owner=True)


@jobs.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only jobs in this state.")
@click.option("--limit", default=50, show_default=True)
def list_(state: str | None, limit: int) -> None:
    """List jobs, newest first."""
    query = select(Job).order_by(Job.created_at.desc()).limit(limit)
    if state:
        query = query.where(Job.state == state)
    with _database().owner() as session:
        rows = session.execute(query).scalars().all()
        if not rows:
            click.echo("No jobs." if not state else f"No {state} jobs.")
        for job in rows:
            line = (
                f"{job.id}  {job.state:<9}  {job.kind:<26}  attempt {job.attempt}  {job.created_at:%Y-%m-%d %H:%M:%S}"
            )
            click.echo(f"{line}  {job.error[:80] if job.error else ''}".rstrip())


@jobs.command()
@click.argument("job_id", type=click.UUID)
def show(job_id: UUID) -> None:
    """Show one job, whole."""
    with _database().owner() as session:
        job = session.get(Job, job_id)
        if job is None:
            raise click.ClickException("There is no such job.")
        for column in Job.__table__.columns:
            click.echo(f"{column.name:>18}  {getattr(job, column.name)}")


@jobs.command()
@click.argument("job_id", type=click.UUID)
def retry(job_id: UUID) -> None:
    """Put a dead or ambiguous job back on its queue."""
    try:
        with _database().owner() as session:
            job = service.retry(session, job_id)
            click.echo(f"{job.kind} will run again.")
    except TaliError as error:
        raise click.ClickException(error.message) from None

"""`tali tasks`: task folders in and out."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click
from sqlalchemy import select

from tali.application import create_resources
from tali.cli.seed import first_owner, push
from tali.grading import service as grading
from tali.kernel.settings import Settings
from tali.organizations.models import Organization
from tali.sdk import PluginError
from tali.tasks import service
from tali.tasks.folder import TaskContent, TaskFolderError, dump, load, record_tests
from tali.tasks.models import Task

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def tasks() -> None:
    """Task folders."""


def _load(folder: Path) -> TaskContent:
    try:
        return load(folder)
    except TaskFolderError as error:
        raise click.ClickException("\n".join(error.problems)) from None


@tasks.command("validate")
@click.argument("folder", type=FOLDER)
@click.option("--times", default=5, show_default=True, help="How often the reference must pass.")
@click.option(
    "--record", is_flag=True, help="Write validation.toml, so that hosts that cannot run code can publish it."
)
def validate_(folder: Path, times: int, record: bool) -> None:
    """Check a task folder in the sandbox: the reference passes, the starter does not."""
    from tali.cli.extensions import without_services

    content = _load(folder)
    settings = Settings.from_environment()
    resources = create_resources(without_services(settings), application="tali-cli", pool_size=1)
    try:
        provider = resources.plugins.sandbox(settings.sandbox)
        provider.prepare(click.echo)
        validation = grading.validate(provider, content, times)
    except PluginError as error:
        raise click.ClickException(str(error)) from None
    for problem in validation.problems:
        click.echo(problem, err=True)
    if not validation.valid:
        raise click.ClickException(f"{content.slug} does not validate.")
    if record:
        record_tests(folder, content, validation.tests)
    click.echo(f"{content.slug}: {len(validation.tests)} hidden tests, slowest run {validation.slowest_ms} ms. Valid.")


@tasks.command("push")
@click.argument("folder", type=FOLDER)
@click.option("--organization", "organization_id", type=click.UUID, help="Default: the first one.")
def push_(folder: Path, organization_id: UUID | None) -> None:
    """Validate a task folder and publish it as the task's newest version."""
    content = _load(folder)
    resources = create_resources(Settings.from_environment(), application="tali-cli", pool_size=2, owner=True)
    target = organization_id or first_owner(resources).organization_id
    try:
        resources.plugins.sandbox(resources.settings.sandbox).prepare(click.echo)
        push(resources, target, content)
    except (PluginError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{content.slug} is published.")


@tasks.command("pull")
@click.argument("slug")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--organization", "organization_id", type=click.UUID, help="Default: the first one.")
def pull(slug: str, folder: Path, organization_id: UUID | None) -> None:
    """Write the newest version of a task to a folder."""
    resources = create_resources(Settings.from_environment(), application="tali-cli", pool_size=2, owner=True)
    with resources.database.owner() as session:
        target = organization_id or session.execute(select(Organization.id).order_by(Organization.id)).scalars().first()
    if target is None:
        raise click.ClickException("There is no organisation yet. `tali up` makes the first one.")
    with resources.database.tenant(target) as session:
        task_id = session.execute(select(Task.id).where(Task.slug == slug)).scalar_one_or_none()
        if task_id is None:
            raise click.ClickException(f"There is no task {slug}.")
        _, version = service.newest_version(session, task_id)
        dump(service.content_of(version), folder)
    click.echo(f"{slug} version {version.number} is in {folder}.")

"""`tali seed` and `tali owner-link`: the first contents, and the way in for the first owner."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import click

from tali.application import create_resources
from tali.cli import seed as contents
from tali.kernel.settings import Settings
from tali.plugins import PluginFault, ProviderUnknown
from tali.sdk import PluginError
from tali.tasks.stocking import stock


@click.command()
@click.option("--sample", is_flag=True, help="Also a ready candidate session for the sample host page.")
@click.option("--json-file", type=click.Path(dir_okay=False), help="Write the links here, for a program.")
def seed(sample: bool, json_file: str | None) -> None:
    """Create the first organisation, its owner and the task library, where they are missing."""
    settings = Settings.from_environment()
    resources = create_resources(settings, application="tali-seed", pool_size=2, owner=True)

    def say(sentence: str) -> None:
        click.echo(click.style("  · ", fg="magenta") + sentence, err=True)

    owner = contents.first_owner(resources)
    try:
        resources.plugins.sandbox(settings.sandbox).prepare(say)
    except (PluginError, PluginFault, ProviderUnknown) as error:
        # Everything but runs works without a sandbox, and says so where somebody wants to run something.
        say(f"Code cannot run here: {error}")
    stock(resources, owner.organization_id, partial(resources.database.tenant, owner.organization_id), say)
    if sample:
        ports = (settings.host_page_port,)
        origins = [f"http://{host}:{port}" for host in ("127.0.0.1", "localhost") for port in ports]
        try:
            made = contents.sample(resources, owner, origins)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
        answer = {
            "owner_link": made.owner_link,
            "session_link": made.session_link,
            "api_key": made.api_key,
            "assessment_id": str(made.assessment_id),
        }
    else:
        answer = {"owner_link": contents.owner_link(resources, owner)}
    if json_file:
        Path(json_file).write_text(json.dumps(answer))
    else:
        for name, value in answer.items():
            click.echo(f"{name}: {value}")
    resources.close()


@click.command("owner-link")
def owner_link() -> None:
    """Make a one-time link that signs the first owner in; earlier links stop working."""
    resources = create_resources(Settings.from_environment(), application="tali-cli", pool_size=1, owner=True)
    click.echo(contents.owner_link(resources, contents.first_owner(resources)))
    resources.close()

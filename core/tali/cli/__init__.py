"""`tali`: the operator's command line. Commands import what they need when they run, so that `tali up` stays small."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import click
from dotenv import load_dotenv

import tali

COMMANDS = {
    "up": "tali.cli.up:up",
    "web": "tali.cli.processes:web",
    "worker": "tali.cli.processes:worker",
    "dispatcher": "tali.cli.processes:dispatcher",
    "db": "tali.cli.database:db",
    "jobs": "tali.cli.jobs:jobs",
    "plugins": "tali.cli.extensions:plugins",
    "tasks": "tali.cli.exercises:tasks",
    "score": "tali.cli.score:score",
    "seed": "tali.cli.people:seed",
    "owner-link": "tali.cli.people:owner_link",
    "settings": "tali.cli.reference:settings",
    "openapi": "tali.cli.reference:openapi",
}


class LazyGroup(click.Group):
    """Imports a command when it is asked for, and says in one sentence which setting does not hold."""

    def invoke(self, ctx: click.Context) -> Any:
        from tali.kernel.settings import SettingsError

        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise click.ClickException(str(error)) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        address = COMMANDS.get(cmd_name)
        if address is None:
            return None
        module, _, name = address.partition(":")
        command: Any = getattr(import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101
        return command


@click.group(cls=LazyGroup)
@click.version_option(tali.__version__, prog_name="tali")
def main() -> None:
    """TALI: measure how engineers work with AI tools."""
    # What is set already wins over the file.
    load_dotenv(".env")


def echo_json(value: Any) -> None:
    """Print a value for a program."""
    click.echo(json.dumps(value, default=str))

"""`tali settings` and `tali openapi`: references made from the code."""

from __future__ import annotations

import click

from tali.cli import echo_json
from tali.kernel.settings import Settings, documented

HEADER = "# Every setting of TALI, made by `tali settings`. Copy this file to .env and change what you need."


@click.command()
def settings() -> None:
    """Print every setting with its default, as a .env file."""
    click.echo(HEADER)
    for variable, default, meaning in documented():
        click.echo(f"\n# {meaning}\n#{variable}={default}")


@click.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from tali.cli.extensions import without_services
    from tali.web import create_app

    app = create_app(without_services(Settings.from_environment()))
    with app.test_client() as client:
        echo_json(client.get("/api/v1/openapi.json").get_json())

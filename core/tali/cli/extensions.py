"""`tali plugins`: what loaded, from where, and what is broken and why."""

from __future__ import annotations

import click

from tali.application import create_resources
from tali.kernel.settings import Settings
from tali.plugins import KINDS


@click.command()
def plugins() -> None:
    """List plugins and what they offer."""
    settings = Settings.from_environment()
    # Listing needs no services, and must work when they are what is broken.
    resources = create_resources(without_services(settings), application="tali-cli", pool_size=1)
    loaded = resources.plugins.plugins()
    if not loaded:
        click.echo("No plugins (safe mode)." if settings.safe_mode else "No plugins are installed.")
    for plugin in loaded:
        state = click.style("broken", fg="red") if plugin.error else click.style("ok", fg="green")
        click.echo(f"{plugin.name:<14} {state}  {plugin.module}  from {plugin.distribution} {plugin.version}")
        if plugin.error:
            click.echo(f"{'':<14} {plugin.error}")
        for kind in KINDS:
            for provider in resources.plugins.providers(kind):
                if provider.plugin == plugin.name:
                    click.echo(f"{'':<14} {kind.replace('_', ' ')}: {provider.spec.title} ({provider.spec.name})")


def without_services(settings: Settings) -> Settings:
    from dataclasses import replace

    return replace(
        settings,
        owner_database_url=settings.owner_database_url or "postgresql://tali_owner@127.0.0.1:1/tali",
        redis_url=settings.redis_url or "redis://127.0.0.1:1/0",
    )

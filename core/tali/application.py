"""Puts a process together: the features' tables and job kinds, plugins, and the resources they share."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any

from tali.jobs.publisher import Publisher, create_celery, use_publisher
from tali.jobs.resources import Resources
from tali.kernel.database import Database
from tali.kernel.errors import Unprocessable
from tali.kernel.plugin_services import DatabaseStore, GuardedHttpClient
from tali.kernel.security import KeyRing
from tali.kernel.settings import Settings, SettingsError
from tali.kernel.valkey import connect, connect_quick
from tali.plugins import Configured, PluginEnvironment, PluginManager, effective_settings, process_environment
from tali.providers.service import NOBODY, configured
from tali.sdk import ConfigurationMissing, ProviderSpec
from tali.tasks.weights import adds_components, check_components, check_weights

MODELS = (
    "tali.kernel.idempotency",
    "tali.kernel.plugin_services",
    "tali.jobs.models",
    "tali.organizations.models",
    "tali.providers.models",
    "tali.candidates.models",
    "tali.tasks.models",
    "tali.assessments.models",
    "tali.workspace.models",
    "tali.scoring.models",
    "tali.notifications.models",
    "tali.embed.models",
)
JOBS = (
    "tali.jobs.housekeeping",
    "tali.organizations.jobs",
    "tali.providers.jobs",
    "tali.tasks.jobs",
    "tali.assessments.jobs",
    "tali.assessments.bulk",
    "tali.assessments.privacy",
    "tali.workspace.jobs",
    "tali.workspace.closing",
    "tali.scoring.calibration",
    "tali.scoring.jobs",
    "tali.scoring.likeness",
    "tali.notifications.jobs",
    "tali.embed.jobs",
)


def import_models() -> None:
    """Load every table, for migrations and for mappers that refer to one another."""
    for module in MODELS:
        import_module(module)


def import_jobs() -> None:
    """Load every job kind, subscription and sweep."""
    import_models()
    for module in JOBS:
        import_module(module)


def create_resources(settings: Settings, *, application: str, pool_size: int = 8, owner: bool = False) -> Resources:
    """Everything a process holds. Call after any fork: connections do not survive one.

    `owner` is for the dispatcher, seeding and the command line: it opens the pool that sees every organisation.

    Raises:
        pluggy.PluginValidationError: an installed plugin implements a hook that does not exist.
        SettingsError: SCORE_WEIGHTS do not hold, or name a component that nobody knows.
    """
    import_jobs()
    key_ring = KeyRing(settings.key_ring())
    database = Database(settings, application, pool_size, owner=owner)
    plugins = PluginManager(
        PluginEnvironment(
            data_dir=settings.data_dir,
            http=GuardedHttpClient(),
            store=partial(DatabaseStore, database, key_ring),
            environ=process_environment(),
            configured=partial(configured, database, key_ring),
        )
    )
    plugins.discover(safe_mode=settings.safe_mode, trace=settings.trace_plugins)
    settings = with_assistant(settings, plugins)
    _check_weights(settings, plugins)
    publisher = Publisher(create_celery(settings), settings)
    use_publisher(publisher)
    return Resources(
        settings,
        key_ring,
        database,
        valkey=connect_quick(settings.redis_url),
        streams=connect(settings.redis_url),
        plugins=plugins,
        publisher=publisher,
    )


def with_assistant(settings: Settings, plugins: PluginManager) -> Settings:
    """The settings with the assistant of new assessments decided, where nobody has chosen one.

    An AI that is set up; without one, in development, an assistant that says that it is none. Production has that only
    where it was chosen: there is nobody then.
    """
    if settings.assistant_setting:
        return settings
    offered = [provider.spec for provider in plugins.providers("assistants")]
    minds = [spec.name for spec in offered if "not_an_ai" not in spec.capabilities and _is_set_up(spec, plugins)]
    others = [spec.name for spec in offered if "not_an_ai" in spec.capabilities]
    names = minds or (others if settings.environment == "development" else [])
    return replace(settings, assistant_setting=names[0] if names else NOBODY)


def _is_set_up(spec: ProviderSpec[Any], plugins: PluginManager) -> bool:
    try:
        effective_settings(spec, Configured(), plugins.environ)
    except ConfigurationMissing:
        return False
    return True


def _check_weights(settings: Settings, plugins: PluginManager) -> None:
    # At boot: found at the first score, a typo would have cost the assessments until then.
    try:
        weights = check_weights(settings.score_weights or {"tests": 1})
        check_components(weights, others=adds_components(plugins))
    except Unprocessable as error:
        raise SettingsError(f"SCORE_WEIGHTS: {error.message}") from None

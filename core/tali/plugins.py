"""The plugin manager: discovers plugins, lists what they offer, makes instances, keeps each one's faults its own."""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Literal, cast
from uuid import UUID

import pluggy

from tali import hookspecs
from tali.sdk import (
    Assistant,
    ConfigurationMissing,
    HttpClient,
    Notifier,
    PluginContext,
    PluginError,
    ProviderSpec,
    SandboxProvider,
    Setting,
    Settings,
    SignalEvaluator,
    Store,
)
from tali.sdk.settings import SettingValue

ENTRY_POINT_GROUP = "tali"
Kind = Literal["signal_evaluators", "assistants", "notifiers", "sandboxes"]
KINDS: tuple[Kind, ...] = ("signal_evaluators", "assistants", "notifiers", "sandboxes")
SHARED: tuple[Kind, ...] = ("notifiers", "sandboxes")
"""Kinds whose instance is the whole deployment's, save for organisations that have set something of their own."""
log = logging.getLogger(__name__)
MAX_INSTANCES = 200
"""Instances that a process keeps; the one that was not used for longest goes first."""
RETIRE_SECONDS = 600.0
"""An instance out of use is closed after this time: longer than any call that may still be under way in it."""
MAX_TEXT = 2000


class PluginFault(Exception):
    """A plugin did something outside its contract. It is reported with the plugin's name and costs only that plugin."""

    def __init__(self, plugin: str, message: str) -> None:
        super().__init__(f"{plugin}: {message}")
        self.plugin = plugin


class ProviderUnknown(Exception):
    """Nobody offers a provider of this name; the plugin may have been uninstalled."""

    def __init__(self, kind: Kind, name: str) -> None:
        super().__init__(f"no installed plugin offers {kind.replace('_', ' ')} called {name}")
        self.kind, self.name = kind, name


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """One entry point and what became of it. `error` is None when it loaded whole."""

    name: str
    distribution: str
    version: str
    module: str
    error: str | None


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider on offer, and the plugin that offers it."""

    kind: Kind
    plugin: str
    spec: ProviderSpec[Any]


@dataclass(frozen=True, slots=True)
class Configured:
    """What an organisation itself set for a provider. `version` grows with each change; 0: nothing was ever set."""

    version: int = 0
    values: Mapping[str, SettingValue] = field(default_factory=dict)


@dataclass(frozen=True)
class PluginEnvironment:
    """What the process lends to plugins; made by the wiring, so that this module needs no kernel."""

    data_dir: Path
    http: HttpClient
    store: Callable[[str, UUID | None], Store]
    environ: Mapping[str, str]
    configured: Callable[[Kind, str, UUID], Configured]


@dataclass(slots=True)
class _Instance:
    version: int
    value: Any


class PluginManager:
    """One a process. `discover` is called at boot; nothing is loaded at import."""

    def __init__(self, environment: PluginEnvironment) -> None:
        self._environment = environment
        self._manager = pluggy.PluginManager("tali")
        self._manager.add_hookspecs(hookspecs)
        self._plugins: list[LoadedPlugin] = []
        self._providers: dict[tuple[Kind, str], Provider] = {}
        self._instances: OrderedDict[tuple[Kind, str, UUID | None], _Instance] = OrderedDict()
        self._retired: list[tuple[float, Any]] = []
        self._lock = threading.Lock()
        self._trace = False

    def discover(self, *, safe_mode: bool = False, trace: bool = False) -> None:
        """Load every entry point and ask it once what it offers.

        Raises:
            pluggy.PluginValidationError: a hook is misspelled, which nothing else would ever notice.
        """
        self._trace = trace
        for point in [] if safe_mode else sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name):
            self.load(point)
        self._manager.check_pending()

    def load(self, point: EntryPoint) -> None:
        """Load one plugin; a fault leaves it out, listed as broken with the reason."""
        error = None
        try:
            module = point.load()
            self._manager.register(module, name=point.name)
            for kind in KINDS:
                self._collect(kind, point.name)
        except (Exception, SystemExit) as fault:
            log.exception("plugin %s is broken", point.name)
            error = f"{type(fault).__name__}: {fault}"
            self._providers = {key: value for key, value in self._providers.items() if value.plugin != point.name}
            if self._manager.has_plugin(point.name):
                self._manager.unregister(name=point.name)
        distribution = point.dist
        self._plugins.append(
            LoadedPlugin(
                point.name,
                distribution.name if distribution else "?",
                distribution.version if distribution else "?",
                point.value,
                error,
            )
        )

    def _collect(self, kind: Kind, plugin: str) -> None:
        for implementation in getattr(self._manager.hook, f"tali_{kind}").get_hookimpls():
            if implementation.plugin_name != plugin:
                continue
            # Called one by one, so that one plugin's fault is its own; pluggy's tracing does not see that.
            if self._trace:
                log.info("hook tali_%s called on %s", kind, plugin)
            offered = implementation.function()
            if self._trace:
                log.info("hook tali_%s of %s returned %r", kind, plugin, offered)
            for spec in offered if isinstance(offered, list) else [offered]:
                if not isinstance(spec, ProviderSpec):
                    raise PluginFault(plugin, f"tali_{kind} returned {type(spec).__name__}, not a ProviderSpec")
                known = self._providers.get((kind, spec.name))
                if known is not None:
                    raise PluginFault(plugin, f"{kind} {spec.name} is already offered by plugin {known.plugin}")
                self._providers[kind, spec.name] = Provider(kind, plugin, spec)

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment that declared variables are read from."""
        return self._environment.environ

    def plugins(self) -> list[LoadedPlugin]:
        """Everything that was found, broken ones too."""
        return list(self._plugins)

    def providers(self, kind: Kind) -> list[Provider]:
        """What is on offer, by name."""
        return sorted((p for p in self._providers.values() if p.kind == kind), key=lambda p: p.spec.name)

    def provider(self, kind: Kind, name: str) -> Provider:
        """One provider.

        Raises:
            ProviderUnknown: nobody offers it (any more).
        """
        found = self._providers.get((kind, name))
        if found is None:
            raise ProviderUnknown(kind, name)
        return found

    def assistant(self, name: str, organization_id: UUID) -> Assistant:
        """The organisation's instance of an assistant."""
        return cast(Assistant, self.instance("assistants", name, organization_id))

    def sandbox(self, name: str, organization_id: UUID | None = None) -> SandboxProvider:
        """The organisation's instance of a sandbox where it has set something; else the deployment's, shared by all."""
        return cast(SandboxProvider, self.instance("sandboxes", name, organization_id))

    def notifier(self, name: str, organization_id: UUID) -> Notifier:
        """The organisation's instance of a notifier where it has set something; else the deployment's."""
        return cast(Notifier, self.instance("notifiers", name, organization_id))

    def evaluator(self, name: str, organization_id: UUID) -> SignalEvaluator:
        """The organisation's instance of an evaluator."""
        return cast(SignalEvaluator, self.instance("signal_evaluators", name, organization_id))

    def instance(self, kind: Kind, name: str, organization_id: UUID | None) -> Any:
        """The instance for (organisation, settings version), made on first use. Only workers ask for one.

        Raises:
            ProviderUnknown: nobody offers it (any more).
            ConfigurationMissing: a setting that it needs has no value.
            PluginFault: it could not be made.
        """
        provider = self.provider(kind, name)
        configured = Configured()
        if organization_id is not None:
            configured = self._environment.configured(kind, name, organization_id)
        if kind in SHARED and configured.version == 0:
            organization_id = None
        key = (kind, name, organization_id)
        with self._lock:
            held = self._instances.get(key)
            if held is not None and held.version == configured.version:
                self._instances.move_to_end(key)
                return held.value
        with isolated(provider.plugin):
            made = provider.spec.create(
                effective_settings(provider.spec, configured, self._environment.environ),
                self._context(provider.plugin, organization_id),
            )
        with self._lock:
            held = self._instances.get(key)
            if held is not None and held.version == configured.version:
                # Another thread was quicker; it may be in use already, so ours is the one to go.
                self._retire(made)
                made = held.value
            else:
                if held is not None:
                    self._retire(held.value)
                self._instances[key] = _Instance(configured.version, made)
            while len(self._instances) > MAX_INSTANCES:
                self._retire(self._instances.popitem(last=False)[1].value)
            due = [old for until, old in self._retired if until < time.monotonic()]
            self._retired = [entry for entry in self._retired if entry[0] >= time.monotonic()]
        for old in due:
            _close(old)
        return made

    def _retire(self, instance: Any) -> None:
        self._retired.append((time.monotonic() + RETIRE_SECONDS, instance))

    def _context(self, plugin: str, organization_id: UUID | None) -> PluginContext:
        data_dir = self._environment.data_dir / "plugins" / plugin
        data_dir.mkdir(parents=True, exist_ok=True)
        return PluginContext(
            plugin=plugin,
            organization_id=organization_id,
            logger=logging.getLogger(f"tali.plugin.{plugin}"),
            clock=lambda: datetime.now(UTC),
            http=self._environment.http,
            store=self._environment.store(plugin, organization_id),
            data_dir=data_dir.resolve(),
        )

    def close(self) -> None:
        """Close the instances that have something to close."""
        for instance in [*(held.value for held in self._instances.values()), *(old for _, old in self._retired)]:
            _close(instance)
        self._instances.clear()
        self._retired.clear()


def _close(instance: Any) -> None:
    close = getattr(instance, "close", None)
    if callable(close):
        try:
            close()
        except Exception:
            log.exception("closing a plugin's instance failed")


def effective_settings(spec: ProviderSpec[Any], configured: Configured, environ: Mapping[str, str]) -> Settings:
    """What `create` receives: the organisation's own value, else the deployment's, else the default.

    An organisation that sets any text brings its own secrets: a text can be an address, and the deployment's key must
    not be sent where a tenant points.

    Raises:
        ConfigurationMissing: a required value is absent, or one in the environment does not hold.
    """
    own_words = any(declared.kind == "text" and declared.name in configured.values for declared in spec.settings)
    values: dict[str, SettingValue | None] = {}
    missing = []
    for declared in spec.settings:
        if declared.name in configured.values and not declared.deployment_only:
            values[declared.name] = configured.values[declared.name]
            continue
        lent = declared.env is not None and not (own_words and declared.kind == "secret")
        raw = environ.get(declared.env or "") if lent else None
        values[declared.name] = declared.default if raw in (None, "") else parse_setting(declared, str(raw))
        if declared.required and values[declared.name] is None:
            missing.append((declared.env if lent else None) or declared.name)
    if missing:
        raise ConfigurationMissing(*missing)
    return values


def parse_setting(declared: Setting, raw: str) -> SettingValue:
    """Turn the text of an environment variable into the declared kind.

    Raises:
        ConfigurationMissing: it does not parse, or is out of its bounds.
    """
    try:
        match declared.kind:
            case "integer":
                value: SettingValue = int(raw)
            case "number":
                value = float(raw)
            case "boolean":
                value = {"1": True, "true": True, "0": False, "false": False}[raw.lower()]
            case _:
                value = raw
        return check_setting(declared, value)
    except (ValueError, KeyError):
        raise ConfigurationMissing(f"{declared.env or declared.name} (a valid {declared.kind})") from None


def check_setting(declared: Setting, value: object) -> SettingValue:
    """A typed value, if it is of the declared kind and within its bounds.

    Raises:
        ValueError: with a sentence that says what is expected.
    """
    kind = declared.kind
    if kind in {"integer", "number"}:
        if isinstance(value, bool) or not isinstance(value, int if kind == "integer" else (int, float)):
            raise ValueError("Expected a whole number." if kind == "integer" else "Expected a number.")
        low, high = declared.minimum, declared.maximum
        if not (-math.inf if low is None else low) <= value <= (math.inf if high is None else high):
            raise ValueError(f"Expected a number from {low} to {high}.".replace("None", "any"))
        return value
    if kind == "boolean":
        if not isinstance(value, bool):
            raise ValueError("Expected true or false.")
        return value
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT or "\x00" in value:
        raise ValueError(f"Expected a text of 1 to {MAX_TEXT} characters.")
    if kind == "choice" and value not in declared.choices:
        raise ValueError(f"Expected one of {', '.join(declared.choices)}.")
    return value


@contextmanager
def isolated(plugin: str, passing: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Run plugin code: its contract's errors pass, anything else becomes a `PluginFault` that names it.

    `passing` are core's own exceptions, which are nobody's fault.
    """
    try:
        yield
    except (PluginError, PluginFault, ProviderUnknown):
        raise
    except (Exception, SystemExit) as error:
        if isinstance(error, passing):
            raise
        log.exception("plugin %s failed", plugin)
        raise PluginFault(plugin, f"{type(error).__name__}: {error}") from error


def process_environment() -> Mapping[str, str]:
    """The environment that plugins' declared variables are read from."""
    return os.environ

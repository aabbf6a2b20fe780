"""The plugin manager: discovers plugins, lists what they offer, makes instances, keeps each one's faults its own."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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
log = logging.getLogger(__name__)


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


@dataclass(frozen=True)
class PluginEnvironment:
    """What the process lends to plugins; made by the wiring, so that this module needs no kernel."""

    data_dir: Path
    http: HttpClient
    store: Callable[[str, UUID | None], Store]
    environ: Mapping[str, str]


class PluginManager:
    """One a process. `discover` is called at boot; nothing is loaded at import."""

    def __init__(self, environment: PluginEnvironment) -> None:
        self._environment = environment
        self._manager = pluggy.PluginManager("tali")
        self._manager.add_hookspecs(hookspecs)
        self._plugins: list[LoadedPlugin] = []
        self._providers: dict[tuple[Kind, str], Provider] = {}
        self._instances: dict[tuple[Kind, str, UUID | None], Any] = {}
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
        except Exception as fault:
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
        return cast(Assistant, self._instance("assistants", name, organization_id))

    def notifier(self, name: str) -> Notifier:
        """The deployment's instance of a notifier."""
        return cast(Notifier, self._instance("notifiers", name, None))

    def sandbox(self, name: str) -> SandboxProvider:
        """The deployment's instance of a sandbox."""
        return cast(SandboxProvider, self._instance("sandboxes", name, None))

    def evaluator(self, name: str, organization_id: UUID) -> SignalEvaluator:
        """The organisation's instance of an evaluator."""
        return cast(SignalEvaluator, self._instance("signal_evaluators", name, organization_id))

    def _instance(self, kind: Kind, name: str, organization_id: UUID | None) -> Any:
        key = (kind, name, organization_id)
        with self._lock:
            if key in self._instances:
                return self._instances[key]
        provider = self.provider(kind, name)
        with isolated(provider.plugin):
            instance = provider.spec.create(
                self._settings(provider.spec), self._context(provider.plugin, organization_id)
            )
        with self._lock:
            return self._instances.setdefault(key, instance)

    def _settings(self, spec: ProviderSpec[Any]) -> Settings:
        values: dict[str, SettingValue | None] = {}
        missing = []
        for declared in spec.settings:
            raw = self._environment.environ.get(declared.env) if declared.env else None
            values[declared.name] = declared.default if raw in (None, "") else parse_setting(declared, str(raw))
            if declared.required and values[declared.name] is None:
                missing.append(declared.env or declared.name)
        if missing:
            raise ConfigurationMissing(*missing)
        return values

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
        for instance in self._instances.values():
            close = getattr(instance, "close", None)
            if callable(close):
                try:
                    close()
                except Exception:
                    log.exception("closing a plugin's instance failed")
        self._instances.clear()


def parse_setting(declared: Setting, raw: str) -> SettingValue:
    """Turn text into the declared kind.

    Raises:
        ConfigurationMissing: it does not parse, or is out of its bounds.
    """
    try:
        if declared.kind in {"integer", "number"}:
            value: SettingValue = int(raw) if declared.kind == "integer" else float(raw)
            low, high = declared.minimum, declared.maximum
            if (low is not None and float(value) < low) or (high is not None and float(value) > high):
                raise ValueError(raw)
            return value
        if declared.kind == "boolean":
            return {"1": True, "true": True, "0": False, "false": False}[raw.lower()]
        if declared.kind == "choice" and raw not in declared.choices:
            raise ValueError(raw)
    except (ValueError, KeyError):
        raise ConfigurationMissing(f"{declared.env or declared.name} (a valid {declared.kind})") from None
    return raw


@contextmanager
def isolated(plugin: str, passing: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Run plugin code: its contract's errors pass, anything else becomes a `PluginFault` that names it.

    `passing` are core's own exceptions, which are nobody's fault.
    """
    try:
        yield
    except (PluginError, PluginFault, ProviderUnknown):
        raise
    except Exception as error:
        if isinstance(error, passing):
            raise
        log.exception("plugin %s failed", plugin)
        raise PluginFault(plugin, f"{type(error).__name__}: {error}") from error


def process_environment() -> Mapping[str, str]:
    """The environment that plugins' declared variables are read from."""
    return os.environ

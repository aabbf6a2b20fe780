"""Settings: one documented table, read from the environment once, handed to whoever needs it. Secrets never print."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from tali.kernel.money import cents_of

Parser = Callable[[str], Any]
SERVICES_FILE = "services.json"
"""Where `tali up` leaves the addresses of the services it started, readable by its own user alone."""


class SettingsError(ValueError):
    """A setting that cannot be used; the message names the variable and what it takes."""


def _integer(minimum: int, maximum: int) -> Parser:
    def parse(text: str) -> int:
        number = int(text)
        if not minimum <= number <= maximum:
            raise ValueError(f"takes a whole number from {minimum} to {maximum}")
        return number

    return parse


def _boolean(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("takes 1 or 0")


def _choice(*names: str) -> Parser:
    def parse(text: str) -> str:
        if text not in names:
            raise ValueError(f"takes one of {', '.join(names)}")
        return text

    return parse


def _weights(text: str) -> dict[str, float] | None:
    """`tests=0.5,code_quality=0.5`; checked against the known components where it is used."""
    if not text.strip():
        return None
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        try:
            weights[name.strip()] = float(value)
        except ValueError:
            raise ValueError("takes component=share pairs such as tests=0.5,code_quality=0.5") from None
    return weights


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def setting(env: str, default: Any, help: str, parse: Parser = str, *, secret: bool = False) -> Any:
    """Declare one setting: its variable, default, meaning and parser."""
    metadata = {"env": env, "help": help, "parse": parse, "secret": secret}
    return field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """Every setting of a deployment. `Settings.from_environment()` is the only way in production."""

    environment: Literal["development", "production"] = setting(
        "TALI_ENV", "development", "development or production.", _choice("development", "production")
    )
    data_dir: Path = setting(
        "TALI_DATA_DIR", Path(".tali"), "Folder for the embedded services, the sandbox and generated keys.", Path
    )
    host: str = setting("TALI_HOST", "127.0.0.1", "Address that the web server listens on.")
    port: int = setting(
        "TALI_PORT", 8000, "Port of the web server; `tali up` takes any that is free for 0.", _integer(0, 65535)
    )
    host_page_port: int = setting(
        "TALI_HOST_PAGE_PORT", 8001, "Port of the sample host page; 0: any.", _integer(0, 65535)
    )
    public_url_setting: str = setting(
        "TALI_PUBLIC_URL", "", "Address under which people reach TALI; default http://TALI_HOST:TALI_PORT."
    )
    trusted_proxies: int = setting(
        "TALI_TRUSTED_PROXIES",
        0,
        "Reverse proxies in front of the web server whose X-Forwarded-For and -Proto are believed. Behind a proxy, 0 "
        "makes everybody share the proxy's rate limits; without one, 1 lets anybody evade them.",
        _integer(0, 10),
    )
    ready_file: str = setting("TALI_READY_FILE", "", "File that `tali up` writes, as JSON, when everything answers.")
    owner_database_url: str = setting(
        "TALI_DATABASE_URL", "", "PostgreSQL (15 or later) as the owning role; empty: the embedded one.", secret=True
    )
    app_database_url_setting: str = setting(
        "TALI_APP_DATABASE_URL",
        "",
        "The same database as role tali_app; default: made from the owner's, with a password that follows from the "
        "oldest secret key. Roles belong to a whole server: two deployments on one server both need this, with the "
        "same password.",
        secret=True,
    )
    redis_url: str = setting("TALI_REDIS_URL", "", "Valkey or Redis; empty: the embedded one.", secret=True)
    secret_keys: tuple[str, ...] = setting(
        "TALI_SECRET_KEYS",
        (),
        "Key ring, newest first, comma separated, 32 characters or more each: encrypts secrets and signs tokens. "
        "Add a new one in front to rotate. Made and kept in the data folder in development.",
        _list,
        secret=True,
    )
    web_processes: int = setting("TALI_WEB_PROCESSES", 2, "Web processes of `tali up`.", _integer(1, 64))
    web_threads: int = setting("TALI_WEB_THREADS", 32, "Threads of one web process.", _integer(4, 512))
    max_streams: int = setting(
        "TALI_MAX_STREAMS", 24, "Open streams of one web process; stays below its threads.", _integer(1, 500)
    )
    interactive_threads: int = setting(
        "TALI_INTERACTIVE_THREADS", 48, "Turns and runs that one interactive worker carries at once.", _integer(1, 256)
    )
    worker_processes: int = setting(
        "TALI_WORKER_PROCESSES", 2, "Processes of one worker for grading and judging.", _integer(1, 64)
    )
    worker_memory_mb: int = setting(
        "TALI_WORKER_MEMORY_MB",
        1536,
        "A worker process that grows beyond this ends itself, and is replaced.",
        _integer(256, 1_048_576),
    )
    evaluator_seconds: int = setting(
        "TALI_EVALUATOR_SECONDS",
        120,
        "Longest that one evaluator looks at one session; then its process is killed, and it is tried once more.",
        _integer(5, 1_800),
    )
    run_slots: int = setting(
        "TALI_RUN_SLOTS", 4, "Candidate programs that run at once in one interactive worker.", _integer(1, 64)
    )
    assistant_setting: str = setting(
        "TALI_ASSISTANT",
        "",
        "Assistant that candidates work with, by provider name; default: an AI that is set up, else the hint sheet in "
        "development, else none.",
    )
    sandbox: str = setting("TALI_SANDBOX", "bubblewrap", "Sandbox that runs candidate code, by provider name.")
    notifier: str = setting(
        "TALI_NOTIFIER",
        "",
        "Notifier that mail leaves through, by provider name, such as smtp. Unset: in development messages are kept in "
        "/dev/mailbox, in production none goes out and each says so.",
    )
    registration_setting: str = setting(
        "TALI_REGISTRATION",
        "",
        "open: anybody may register an organisation; closed: nobody. Default: open in development, else closed.",
        _choice("open", "closed"),
    )
    safe_mode: bool = setting("TALI_SAFE_MODE", False, "1 boots without any plugin.", _boolean)
    trace_plugins: bool = setting("TALI_TRACE_PLUGINS", False, "1 logs every hook call.", _boolean)
    score_weights: dict[str, float] | None = setting(
        "SCORE_WEIGHTS", None, "Default weights, as component=share pairs that sum to 1.", _weights
    )
    assessment_expiry_days: int = setting(
        "ASSESSMENT_EXPIRY_DAYS", 7, "Days until an invitation that nobody started expires.", _integer(1, 365)
    )
    assessment_spend_cap: int | None = setting(
        "TALI_ASSESSMENT_SPEND_CAP",
        None,
        "US dollars that the assistant of one assessment may cost, such as 2.50, where an organisation says nothing; "
        "empty: no cap.",
        cents_of,
    )
    monthly_spend_cap: int | None = setting(
        "TALI_MONTHLY_SPEND_CAP",
        None,
        "US dollars that one organisation may spend on models in a calendar month, where it says nothing; empty: no "
        "cap.",
        cents_of,
    )
    log_level: str = setting("TALI_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR.", str.upper)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
        """Read the table.

        Raises:
            SettingsError: a value that does not parse, or a production deployment without keys.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        for entry in fields(cls):
            raw = environ.get(entry.metadata["env"])
            if raw is None or raw == "":
                continue
            try:
                values[entry.name] = entry.metadata["parse"](raw)
            except ValueError as error:
                raise SettingsError(f"{entry.metadata['env']}: {error}") from None
        values.update(overrides)
        settings = cls(**values)
        settings = replace(settings, **settings._embedded())
        if settings.max_streams >= settings.web_threads:
            raise SettingsError("TALI_MAX_STREAMS must stay below TALI_WEB_THREADS: streams hold a thread each.")
        if any(len(key) < 32 for key in settings.secret_keys):
            raise SettingsError("TALI_SECRET_KEYS: each key needs 32 characters or more.")
        if settings.environment == "production" and not settings.secret_keys:
            raise SettingsError("TALI_SECRET_KEYS must be set in production.")
        if settings.environment == "production" and settings.notifier and not settings.public_url_setting:
            raise SettingsError("TALI_PUBLIC_URL must be set where mail goes out: its links lead there.")
        return settings

    def _embedded(self) -> dict[str, Any]:
        """What `tali up` runs for this data folder, where no address was given: so `tali jobs` finds it."""
        try:
            running = json.loads((self.data_dir / SERVICES_FILE).read_text())
        except (OSError, ValueError):
            return {}
        return {name: running[name] for name in ("owner_database_url", "redis_url", "port") if not getattr(self, name)}

    @property
    def public_url(self) -> str:
        """Where people reach TALI, without a trailing slash."""
        return (self.public_url_setting or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def assistant(self) -> str:
        """The assistant of new assessments; a process that has loaded its plugins decides it where nobody chose."""
        return self.assistant_setting or "none"

    @property
    def registration_open(self) -> bool:
        """Whether anybody may register an organisation."""
        return (self.registration_setting or ("open" if self.environment == "development" else "closed")) == "open"

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies may insist on TLS."""
        return self.public_url.startswith("https://")

    def key_ring(self) -> tuple[str, ...]:
        """The keys, newest first. In development one is made on first use and kept in the data folder."""
        if self.secret_keys:
            return self.secret_keys
        path = self.data_dir / "secret.key"
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # O_EXCL settles the race between processes that start at once: one writes, the others read.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return (path.read_text().strip(),)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        return (path.read_text().strip(),)

    def app_database_url(self, password: str) -> str:
        """The database as role `tali_app`; `password` is used unless the URL was given."""
        if self.app_database_url_setting:
            return self.app_database_url_setting
        parts = urlsplit(self.owner_database_url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"tali_app:{quote(password, safe='')}@{host}"))


def documented() -> list[tuple[str, str, str]]:
    """Every setting as (variable, default, meaning), for `.env.example` and the reference."""
    rows = []
    for entry in fields(Settings):
        default = entry.default
        shown = "" if default in (None, (), "", False) else str(default)
        rows.append((entry.metadata["env"], shown, entry.metadata["help"]))
    return rows

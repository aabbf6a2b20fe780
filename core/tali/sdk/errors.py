"""The errors that a plugin raises; each is part of the contract and says what core does next."""

from __future__ import annotations


class PluginError(Exception):
    """A failure with a meaning. Anything else that a plugin raises is a bug of the plugin and is isolated as one."""


class ConfigurationMissing(PluginError):
    """Settings that the provider cannot work without. Reaches the caller as a 503 that names them.

    `names` are environment variables or setting names, as a person would set them.
    """

    def __init__(self, *names: str) -> None:
        super().__init__(f"missing configuration: {', '.join(names)}")
        self.names = names


class Transient(PluginError):
    """It may work later: core retries, not before `retry_after` seconds where that is given."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class Rejected(PluginError):
    """It will not work however often it is tried; `reason` is shown to the person who can change that."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SandboxUnavailable(Rejected):
    """This host cannot contain candidate code. `remedy` is the one command or setting that mends it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.remedy = remedy


class SandboxGone(Transient):
    """The sandbox vanished. Files are the truth: core opens a new one and writes them again."""

"""What a plugin can be configured with: data, from which the admin UI draws the form and core checks what it gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

SettingValue = str | int | float | bool
SettingKind = Literal["text", "secret", "integer", "number", "boolean", "choice"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `env` is the variable that sets it for the whole deployment; an organisation's own value wins.

    Secrets are stored encrypted, are write-only in the API, and never reach a log.

    `deployment_only`: organisations cannot set it. For what lies in the deployment's own network or on its machines
    (a mail server's address, a path), which a tenant must not be able to point elsewhere.
    """

    name: str
    title: str
    help: str
    kind: SettingKind = "text"
    default: SettingValue | None = None
    required: bool = False
    env: str | None = None
    choices: Sequence[str] = ()
    minimum: float | None = None
    maximum: float | None = None
    deployment_only: bool = False


@dataclass(frozen=True, slots=True)
class SettingsSpec:
    """All settings of a provider, in the order in which the form shows them."""

    settings: Sequence[Setting] = field(default_factory=tuple)

    def __iter__(self) -> Iterator[Setting]:
        return iter(self.settings)


Settings = Mapping[str, SettingValue | None]
"""The values that `create` receives: every declared name is present, defaults filled in, kinds already checked."""

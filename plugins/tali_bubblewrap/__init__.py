"""Runs candidate code on this machine, contained by bubblewrap. Linux with user namespaces."""

from __future__ import annotations

from tali.sdk import PluginContext, ProviderSpec, SandboxProvider, Setting, Settings, SettingsSpec, hookimpl

__all__ = ["tali_sandboxes"]


def _create(settings: Settings, context: PluginContext) -> SandboxProvider:
    from tali_bubblewrap.provider import BubblewrapProvider

    return BubblewrapProvider(settings, context)


@hookimpl
def tali_sandboxes() -> ProviderSpec[SandboxProvider]:
    """Offer the local sandbox; whether this host can contain code is asked by `check()`, not at boot."""
    return ProviderSpec(
        name="bubblewrap",
        title="This machine (bubblewrap)",
        create=_create,
        settings=SettingsSpec(
            (
                Setting(
                    name="python",
                    title="Python for candidates",
                    help="Path of the interpreter that candidate code runs on. Empty: the system's, if it is 3.11 or "
                    "newer, else the one TALI itself runs on.",
                    env="TALI_SANDBOX_PYTHON",
                    default="",
                    deployment_only=True,
                ),
                Setting(
                    name="node",
                    title="Node.js for candidates",
                    help="Path of the Node.js that JavaScript runs on. Empty: the first on TALI's own path, or in "
                    "/usr, that is 20.19 or newer. Without one, tasks in JavaScript cannot run here.",
                    env="TALI_SANDBOX_NODE",
                    default="",
                    deployment_only=True,
                ),
                Setting(
                    name="places",
                    title="Sandboxes at once",
                    help="How many sandboxes may be open on this machine at the same time, over all processes.",
                    kind="integer",
                    env="TALI_SANDBOX_PLACES",
                    default=64,
                    minimum=1,
                    maximum=512,
                    deployment_only=True,
                ),
            )
        ),
    )

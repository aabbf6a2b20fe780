"""Mail through any SMTP server."""

from __future__ import annotations

from tali.sdk import Notifier, PluginContext, ProviderSpec, Setting, Settings, SettingsSpec, hookimpl

__all__ = ["tali_notifiers"]


def _create(settings: Settings, context: PluginContext) -> Notifier:
    from tali_smtp.notifier import SmtpNotifier

    return SmtpNotifier(settings, context)


@hookimpl
def tali_notifiers() -> ProviderSpec[Notifier]:
    """Offer SMTP."""
    return ProviderSpec(
        name="smtp",
        title="SMTP server",
        create=_create,
        settings=SettingsSpec(
            (
                Setting(
                    "host",
                    "Server",
                    "Name of the SMTP server.",
                    required=True,
                    env="TALI_SMTP_HOST",
                    deployment_only=True,
                ),
                Setting(
                    "port",
                    "Port",
                    "587 for STARTTLS, 465 for TLS, 25 for neither.",
                    "integer",
                    587,
                    env="TALI_SMTP_PORT",
                    deployment_only=True,
                    minimum=1,
                    maximum=65535,
                ),
                Setting(
                    "security",
                    "Encryption",
                    "starttls insists on it and never goes on in the clear; none is for a server on this machine.",
                    "choice",
                    "starttls",
                    env="TALI_SMTP_SECURITY",
                    deployment_only=True,
                    choices=("starttls", "tls", "none"),
                ),
                Setting(
                    "username",
                    "User name",
                    "Empty: the server asks for none.",
                    env="TALI_SMTP_USERNAME",
                    deployment_only=True,
                ),
                Setting(
                    "password",
                    "Password",
                    "The user's password.",
                    "secret",
                    env="TALI_SMTP_PASSWORD",
                    deployment_only=True,
                ),
                Setting(
                    "sender",
                    "Sender",
                    "From whom mail comes, such as Acme hiring <hiring@acme.example>.",
                    required=True,
                    env="TALI_SMTP_FROM",
                    deployment_only=True,
                ),
                Setting(
                    "ca_file",
                    "Certificate authority",
                    "File with the certificates to trust; empty: those of the system.",
                    env="TALI_SMTP_CA_FILE",
                    deployment_only=True,
                ),
            )
        ),
    )

"""Sending one letter, from a job: put on record, rendered, handed to the notifier, settled."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from tali.jobs.context import JobContext
from tali.jobs.plugin_calls import NotNow, plugin_call
from tali.notifications import mailbox, service
from tali.notifications.letters import Letter
from tali.notifications.render import render
from tali.plugins import PluginFault, ProviderUnknown
from tali.providers import service as providers
from tali.providers.service import NOBODY
from tali.sdk import ConfigurationMissing, MailMessage, Receipt, Rejected, Transient

NOT_SET_UP = "Mail is not set up: set TALI_NOTIFIER (such as smtp) and its settings, then send this again."
LONGEST_ERROR = 500

Compose = Callable[[Session, str], Letter]


def deliver(context: JobContext, template: str, compose: Compose) -> None:
    """Send what `compose` writes, once as far as anybody can tell.

    `compose` gets the token of this message and makes it work, in the transaction that puts the try on record. It
    follows from the key ring and the job's id: another try of the job mails the same link, and it lies in no payload.

    Mail has no undo and SMTP no idempotency: where a worker dies between the server's yes and our note of it, nobody
    can tell whether the message went out. The jobs are `repeatable`: an invitation that comes twice, under one message
    id, is better than one that never comes, and each try is on record.
    """
    resources, job_id = context.resources, context.claim.job_id
    token = resources.key_ring.derived_secret(f"mail/{template}/{job_id}")
    with context.transaction() as session:
        letter = compose(session, token)
        notifier = providers.choices(session, resources.settings)["notifiers"]
        if not service.begin(session, job_id, template, letter, None if notifier == NOBODY else notifier):
            return
    message = render(letter, str(job_id))
    try:
        state, receipt_id = _hand_over(context, notifier, message)
    except (Rejected, ConfigurationMissing, ProviderUnknown) as error:
        # Settled, not dead: somebody reads it beside the invitation, mends the address or the setting, and sends again.
        with context.transaction(finish=True) as session:
            service.settle(session, job_id, "failed", error=without_address(str(error), message))
        return
    except NotNow:
        raise
    except (Transient, PluginFault) as error:
        said = without_address(str(error), message)
        with context.transaction() as session:
            service.note_error(session, job_id, said)
        # What is raised on ends on the job's row, which outlives the person as well.
        if isinstance(error, Transient):
            raise Transient(said, error.retry_after) from None
        raise PluginFault(error.plugin, said.removeprefix(f"{error.plugin}: ")) from None
    with context.transaction(finish=True) as session:
        service.settle(session, job_id, state, receipt_id=receipt_id)


def give_up(context: JobContext, _payload: dict[str, Any]) -> None:
    """No try is left: the row says so, with the last reason, which the tries have noted without the person."""
    with context.transaction() as session:
        # Where none was noted something of ours broke, in words that may name anybody: its kind alone is kept.
        otherwise = f"Sending broke off: {context.last_error.partition(':')[0]}"
        service.settle(session, context.claim.job_id, "failed", otherwise=_short(otherwise))


def _hand_over(context: JobContext, name: str, message: MailMessage) -> tuple[str, str | None]:
    resources = context.resources
    if name == NOBODY:
        if resources.settings.environment != "development":
            raise Rejected(NOT_SET_UP)
        mailbox.keep(resources.valkey, resources.key_ring, message)
        return "kept", None
    with plugin_call(resources, "notifiers", name, context.organization_id):
        receipt: object = resources.plugins.notifier(name, context.organization_id).send(message)
        if not isinstance(receipt, Receipt):
            plugin = resources.plugins.provider("notifiers", name).plugin
            raise PluginFault(plugin, f"send returned {type(receipt).__name__}, not a Receipt")
    return "sent", receipt.id[:LONGEST_ERROR]


def without_address(error: str, message: MailMessage) -> str:
    """A server's words on a message, without the person: the row outlives what it names."""
    for personal in (message.to.email, message.to.name):
        if personal:
            # Whole words: a name of one letter is in every sentence.
            error = re.sub(rf"(?<!\w){re.escape(personal)}(?!\w)", "[recipient]", error, flags=re.IGNORECASE)
    return _short(error)


def _short(error: str) -> str:
    return error[:LONGEST_ERROR]

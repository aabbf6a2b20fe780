"""What each mail says. Names come from people and are untrusted: they are cut to one short line, and escaped later."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from tali.sdk import Address

LONGEST_NAME = 80
Recipient = Literal["user", "candidate", "invitation", "registration"]


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail before it is rendered: who gets it, what it is about, and its words.

    `subject_id` is of what it is about (an assessment, an invitation, a membership): lists ask for its last mail.
    """

    subject_id: UUID
    recipient: tuple[Recipient, UUID]
    to: Address
    subject: str
    paragraphs: Sequence[str]
    button: tuple[str, str] | None = None
    closing: Sequence[str] = ()
    reply_to: Address | None = None


def plain_name(name: str) -> str:
    """A name as part of a sentence: one line, no control or direction characters, nothing that looks like a link."""
    kept = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in name)
    return " ".join(kept.replace("://", " ").split())[:LONGEST_NAME].strip()


def moment_in_words(moment: datetime) -> str:
    """A time that is the same for everybody who reads it."""
    moment = moment.astimezone(UTC)
    return f"{moment:%A}, {moment.day} {moment:%B %Y}, {moment:%H:%M} UTC"


def confirmation(registration_id: UUID, email: str, url: str) -> Letter:
    """To who registered, and to nobody whom they name: it repeats nothing that was typed but the address."""
    return Letter(
        registration_id,
        ("registration", registration_id),
        Address(email),
        "Confirm your e-mail address",
        ("Somebody, probably you, registered an organisation on TALI with this address.",),
        ("Confirm the address", url),
        (
            "You will be asked for the password that was chosen. The link works once, for 24 hours.",
            "If it was not you, do nothing: without the password, nobody gets an account.",
        ),
    )


def known_already(registration_id: UUID, email: str, sign_in_url: str) -> Letter:
    """To an address that has an account, when somebody registers with it."""
    return Letter(
        registration_id,
        ("registration", registration_id),
        Address(email),
        "You have an account already",
        (
            "Somebody, probably you, wanted to register on TALI with this address. It has an account already, so "
            "nothing was changed.",
        ),
        ("Sign in", sign_in_url),
        ("If you have forgotten your password, the sign-in page sends you a new one. If it was not you, do nothing.",),
    )


def password_reset(membership_id: UUID, user_id: UUID, to: Address, url: str) -> Letter:
    """The link for a new password."""
    return Letter(
        membership_id,
        ("user", user_id),
        to,
        "Set a new password",
        ("Somebody, probably you, asked for a new password for your account on TALI.",),
        ("Set a new password", url),
        (
            "The link works once, for one hour. Setting a password ends every session that is open.",
            "If it was not you, do nothing: your password stays as it is.",
        ),
    )


def password_changed(membership_id: UUID, user_id: UUID, to: Address, sign_in_url: str) -> Letter:
    """Tells who did not do it themselves."""
    return Letter(
        membership_id,
        ("user", user_id),
        to,
        "Your password was changed",
        ("The password of your account on TALI was changed, and every other session was ended.",),
        ("Go to TALI", sign_in_url),
        (
            "If it was not you: ask for a new password on the sign-in page at once, and tell an owner of your "
            "organisation.",
        ),
    )


def user_invitation(
    invitation_id: UUID, to: Address, organization: str, inviter: Address | None, url: str, until: datetime
) -> Letter:
    """An invitation to join, the same whether or not the person has an account."""
    place = plain_name(organization)
    who = plain_name(inviter.name) if inviter else ""
    return Letter(
        invitation_id,
        ("invitation", invitation_id),
        to,
        f"{who or place} invites you to {place} on TALI" if who else f"{place} invites you to TALI",
        (f"{who or place} invites you to join {place} on TALI, where teams see how engineers work with AI tools.",),
        ("Look at the invitation", url),
        (f"The link works once, until {moment_in_words(until)}.", "If you do not know what this is about, do nothing."),
        inviter,
    )


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a candidate is told of their assessment, and no more: not what the task is about."""

    organization: str
    inviter: Address | None
    minutes: int
    until: datetime
    url: str
    has_assistant: bool
    proctored: bool
    again: bool


def candidate_invitation(assessment_id: UUID, candidate_id: UUID, to: Address, occasion: Occasion) -> Letter:
    """A candidate's invitation."""
    place = plain_name(occasion.organization)
    who = plain_name(occasion.inviter.name) if occasion.inviter else ""
    by = f"{who} of {place}" if who else place
    assistant = (
        "An assistant is built into it. You may use AI: how you work with it is part of what is looked at."
        if occasion.has_assistant
        else "You may use AI tools as you would at work."
    )
    recorded = "what you write and paste, what you run and what you ask the assistant"
    if occasion.proctored:
        recorded += ", and whether the page has the focus"
    return Letter(
        assessment_id,
        ("candidate", candidate_id),
        to,
        f"{'Reminder: your' if occasion.again else 'Your'} assessment for {place}",
        (
            f"{by} invites you to an assessment. You work on a practical exercise, in an editor in your browser. "
            f"{assistant}",
            f"You have {occasion.minutes} minutes from the moment you start. Start whenever it suits you, until "
            f"{moment_in_words(occasion.until)}. Opening the link does not start the clock; a button does.",
            f"The session is recorded: {recorded}. There is no camera, no microphone and no picture of your screen.",
        ),
        ("Open the assessment", occasion.url),
        ("The link is yours alone: whoever has it can sit the assessment in your place.",),
        occasion.inviter,
    )

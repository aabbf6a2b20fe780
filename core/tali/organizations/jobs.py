"""What sign-in and the plugins' store leave behind, tidied up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from tali.jobs.kinds import sweep
from tali.kernel.plugin_services import PluginEntry
from tali.organizations import passwords, registration
from tali.organizations.models import RefreshToken, SignInLink


@sweep("look where addresses lead", every=1)
def answer_requests(session: Session, moment: datetime) -> None:
    """What was asked for an address on the sign-in page: there it is written down, here it is looked at."""
    passwords.answer_requests(session)


@sweep("forget expired credentials", every=3600)
def forget_expired(session: Session, moment: datetime) -> None:
    """Refresh tokens, links, registrations and plugins' entries past their time: nothing reads them any more."""
    session.execute(delete(RefreshToken).where(RefreshToken.expires_at < moment))
    session.execute(delete(SignInLink).where(SignInLink.expires_at < moment))
    registration.forget_unconfirmed(session)
    session.execute(delete(PluginEntry).where(PluginEntry.expires_at < moment))

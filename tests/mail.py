"""Mail in tests: what the delivery jobs have put into the development mailbox, with the workers' own code."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from tali.jobs import worker
from tali.jobs.models import Job
from tali.jobs.resources import Resources
from tali.kernel.clock import now
from tali.notifications import mailbox
from tali.organizations import passwords


def new_email() -> str:
    """An address that no other test has."""
    return f"person-{os.urandom(6).hex()}@example.com"


@dataclass
class Post:
    """Delivers what is due, and looks into the mailbox."""

    resources: Resources

    def deliver(self) -> None:
        """One beat of the dispatcher's look at addresses, and every delivery job that is due, of all organisations."""
        with self.resources.database.owner() as session:
            passwords.answer_requests(session)
        while True:
            with self.resources.database.owner() as session:
                due = session.execute(
                    select(Job.id)
                    .where(Job.state == "queued", Job.queue == "delivery", Job.run_at <= now())
                    .order_by(Job.created_at)
                    .limit(1)
                ).scalar_one_or_none()
            if due is None:
                return
            worker.run(self.resources, due)

    def to(self, email: str) -> list[dict[str, Any]]:
        """All mails to one address, newest first."""
        self.deliver()
        kept = mailbox.kept(self.resources.valkey, self.resources.key_ring)
        return [message for message in kept if message["email"] == email]

    def token_to(self, email: str) -> str:
        """The token of the link in the newest mail."""
        text = self.to(email)[0]["text"]
        found = re.search(r"token=([\w-]+)", text)
        assert found is not None, text
        return found[1]


class Count:
    """How often passwords were hashed or compared, and statements were sent, between two looks."""

    def __init__(self) -> None:
        self.hashes, self.statements = 0, 0

    def during(self, act: Callable[[], Any]) -> tuple[int, int]:
        hashes, statements = self.hashes, self.statements
        act()
        return self.hashes - hashes, self.statements - statements

"""Notifications: one row a message, and what became of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from tali.kernel.models import Base, Privacy, TenantOwned, small_integer, text_column

STATES = ("queued", "sent", "failed", "kept")


class Notification(TenantOwned, Base):
    """One message. Its id is that of the job that sends it, so that every try is about the same row.

    Who it is for is an id, and its text is rendered when it goes out: neither an address nor a link lies here. `kept`
    means that there is no notifier and the message is in the development mailbox.
    """

    __tablename__ = "notification"

    template: Mapped[str] = text_column(Privacy.NONE)
    subject_id: Mapped[UUID] = mapped_column()
    recipient_kind: Mapped[str] = text_column(Privacy.NONE)
    recipient_id: Mapped[UUID] = mapped_column()
    state: Mapped[str] = text_column(Privacy.NONE, default="queued")
    notifier: Mapped[str | None] = text_column(Privacy.NONE)
    receipt_id: Mapped[str | None] = text_column(Privacy.NONE)
    tries: Mapped[int] = small_integer(default=0)
    # What a mail server said of an address, without the address.
    error: Mapped[str | None] = text_column(Privacy.NONE)
    settled_at: Mapped[datetime | None] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            CheckConstraint(f"state IN {STATES}", name="state"),
            Index("ix_notification_subject", "organization_id", "subject_id", text("created_at DESC")),
            Index("ix_notification_recipient", "organization_id", "recipient_id"),
        )

"""Idempotency-Key: the answer is stored in the transaction of its effect, so the same key replays the same answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Text, UniqueConstraint, delete, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.schema import SchemaItem

from tali.kernel.actors import Actor
from tali.kernel.clock import now
from tali.kernel.database import organization_of
from tali.kernel.errors import BadRequest, Gone, Unprocessable
from tali.kernel.ids import new_id
from tali.kernel.models import Base, Privacy, TenantOwned, small_integer, text_column
from tali.kernel.security import KeyRing

LIFETIME = timedelta(hours=24)
MAX_KEY_LENGTH = 100
_ID = re.compile(rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class IdempotencyRecord(TenantOwned, Base):
    """One answered request. The answer is encrypted: it may hold a link or a key that is shown once.

    `key` is kept as a hash, since callers put into it what they like, addresses included. `mentions` are the ids in
    the request and its answer, so that erasing somebody finds what was said of them.
    """

    __tablename__ = "idempotency_record"

    actor: Mapped[str] = text_column(Privacy.NONE)
    key: Mapped[str] = text_column(Privacy.NONE)
    request_hash: Mapped[str] = text_column(Privacy.NONE)
    status: Mapped[int | None] = small_integer()
    answer: Mapped[str | None] = text_column(Privacy.SECRET)
    mentions: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, info={"privacy": Privacy.NONE})
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("organization_id", "actor", "key"),)


def replayed_or_done(
    session: Session,
    actor: Actor,
    key: str | None,
    request: bytes,
    key_ring: KeyRing,
    effect: Callable[[], tuple[int, str]],
) -> tuple[int, str, bool]:
    """Run `effect` once for this actor and key; answer (status, JSON text, whether it was replayed).

    A request with the same key that is still under way is waited for: its row is locked until it commits. An effect
    that raises leaves no record, so the key may be tried again.

    Raises:
        BadRequest: `idempotency_key_invalid`.
        Unprocessable: `idempotency_key_reused`, when the key came with another request.
        Gone: `answer_forgotten`, when what it told of was erased: it is not made a second time either.
    """
    if key is None:
        return (*effect(), False)
    if not 1 <= len(key) <= MAX_KEY_LENGTH or not key.isprintable():
        raise BadRequest(
            "idempotency_key_invalid", f"Idempotency-Key takes 1 to {MAX_KEY_LENGTH} printable characters."
        )
    request_hash = hashlib.sha256(request).hexdigest()
    key = hashlib.sha256(key.encode()).hexdigest()
    identity = {"organization_id": organization_of(session), "actor": actor.key, "key": key}
    moment = now()
    session.execute(
        delete(IdempotencyRecord).where(
            IdempotencyRecord.actor == actor.key, IdempotencyRecord.key == key, IdempotencyRecord.expires_at < moment
        )
    )
    claimed = session.execute(
        insert(IdempotencyRecord)
        .values(
            id=new_id(),
            created_at=moment,
            request_hash=request_hash,
            mentions=[],
            expires_at=moment + LIFETIME,
            **identity,
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyRecord.id)
    ).scalar_one_or_none()
    if claimed is None:
        record = session.execute(select(IdempotencyRecord).filter_by(**identity)).scalar_one()
        if record.request_hash != request_hash:
            raise Unprocessable(
                "idempotency_key_reused", "This Idempotency-Key came with a different request. Use a new one."
            )
        if record.answer is None:
            raise Gone("answer_forgotten", "What this request made was erased since.")
        assert record.status is not None  # noqa: S101 -- committed together with its effect
        return record.status, key_ring.decrypt(record.answer), True
    status, answer = effect()
    record = session.get_one(IdempotencyRecord, claimed)
    record.status, record.answer = status, key_ring.encrypt(answer)
    record.mentions = sorted({found.decode().lower() for found in _ID.findall(request + answer.encode())})
    return status, answer, False


def forget_about(session: Session, ids: Iterable[UUID], actors: Iterable[str]) -> int:
    """Empty the answers that mention one of these ids or were given to one of these actors; tells how many.

    The records stay for their time: a late repetition must not make anew what was erased.
    """
    told: Any = session.execute(
        update(IdempotencyRecord)
        .where(
            IdempotencyRecord.mentions.overlap([str(one) for one in ids]) | IdempotencyRecord.actor.in_(list(actors))
        )
        .values(answer=None, mentions=[])
    )
    return int(told.rowcount)


def forget_expired(session: Session, moment: datetime) -> int:
    """Delete records past their lifetime; tells how many."""
    result: Any = session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.expires_at < moment))
    return int(result.rowcount)

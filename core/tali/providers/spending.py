"""What models cost an organisation by calendar month, and the caps on it.

Counted when an answer has ended: nobody knows before what it will cost. So a cap stops the next request, and can be
overrun by those that are under way; of one assessment that is one reply.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tali.kernel.actors import UserActor
from tali.kernel.clock import now
from tali.kernel.database import database_now, organization_of
from tali.kernel.errors import TooManyRequests
from tali.kernel.ids import new_id
from tali.kernel.money import MICROS_PER_CENT
from tali.kernel.settings import Settings
from tali.organizations import audit
from tali.providers.models import MonthlySpending, SpendingCaps


@dataclass(frozen=True, slots=True)
class Caps:
    """In whole cents; None: no cap. `own`: the organisation said so, not the deployment."""

    assessment: int | None
    month: int | None
    own: bool = False


def add(session: Session, cost: int | None, moment: datetime) -> None:
    """Count what one request cost, in the transaction that keeps its answer; None: nobody knows, nothing is counted.

    Call it last: an organisation's requests queue here until the transaction ends.
    """
    if not cost:
        return
    row = insert(MonthlySpending).values(
        id=new_id(),
        created_at=moment,
        organization_id=organization_of(session),
        month=_month(moment),
        spent=cost,
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["organization_id", "month"],
            set_={"spent": MonthlySpending.spent + row.excluded.spent},
        )
    )


MOST = 2**31 - 1


def whole(number: object) -> int | None:
    """What a plugin counted, if it is a count: a negative or an endless one adds up to nothing that was spent."""
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MOST:
        return None
    return number


def spent_this_month(session: Session) -> int:
    """Millionths of a US dollar, by the database's clock."""
    query = select(MonthlySpending.spent).where(MonthlySpending.month == _month(database_now(session)))
    return session.execute(query).scalar_one_or_none() or 0


def _month(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)


def caps(session: Session, settings: Settings) -> Caps:
    """The caps that hold for the transaction's organisation."""
    row = session.execute(select(SpendingCaps.assessment, SpendingCaps.month)).one_or_none()
    if row is None:
        return Caps(settings.assessment_spend_cap, settings.monthly_spend_cap)
    return Caps(row.assessment, row.month, own=True)


def require_room(session: Session, settings: Settings, assessment_spent: Callable[[], int]) -> None:
    """Make sure that one more request of an assessment that has spent so much is within the caps.

    Raises:
        TooManyRequests: `spend_cap_reached`; waiting does not help.
    """
    held = caps(session, settings)
    if held.assessment is not None and assessment_spent() >= held.assessment * MICROS_PER_CENT:
        raise _reached("The assistant's budget for this assessment is used up.")
    if held.month is not None and spent_this_month(session) >= held.month * MICROS_PER_CENT:
        raise _reached("The assistant's budget for this month is used up.")


def _reached(what: str) -> TooManyRequests:
    return TooManyRequests("spend_cap_reached", f"{what} You can go on without it; your work is saved.", None)


def described(session: Session, settings: Settings) -> dict[str, Any]:
    """The caps, whose they are, and what this month has cost."""
    held = caps(session, settings)
    return {
        "month": _month(database_now(session)),
        "spent": spent_this_month(session),
        "assessment_spend_cap": held.assessment,
        "monthly_spend_cap": held.month,
        "own_caps": held.own,
    }


def change(session: Session, actor: UserActor, settings: Settings, wished: Mapping[str, int | None]) -> None:
    """Set the organisation's own caps. One that is not named stays as it is, the deployment's included."""
    held = caps(session, settings)
    values = {
        "assessment": wished.get("assessment_spend_cap", held.assessment),
        "month": wished.get("monthly_spend_cap", held.month),
    }
    row = insert(SpendingCaps).values(id=new_id(), created_at=now(), organization_id=actor.organization_id, **values)
    session.execute(row.on_conflict_do_update(index_elements=["organization_id"], set_=values))
    audit.record(
        session,
        actor,
        "organization.spending_caps_changed",
        actor.organization_id,
        assessment_cents=values["assessment"],
        month_cents=values["month"],
    )

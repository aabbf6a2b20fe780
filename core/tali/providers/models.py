"""What an organisation says of a provider, and what models cost it. The row of a provider stays when the plugin is
uninstalled, and holds when it is back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from tali.kernel.models import Base, Privacy, TenantOwned, json_column, text_column

CHECK_STATES = ("running", "ok", "failed")


class ProviderChoice(TenantOwned, Base):
    """One provider in one organisation.

    `version` grows with each change of settings; instances are made for one version. `secrets` is encrypted JSON.
    `chosen` is for kinds of which one is used, `enabled` for those of which all are. `check_*` tell of the last test.
    """

    __tablename__ = "provider_choice"

    kind: Mapped[str] = text_column(Privacy.NONE)
    name: Mapped[str] = text_column(Privacy.NONE)
    version: Mapped[int] = mapped_column(default=0)
    values: Mapped[dict[str, Any]] = json_column(Privacy.NONE, default=dict)
    secrets: Mapped[str | None] = text_column(Privacy.SECRET)
    chosen: Mapped[bool] = mapped_column(default=False)
    enabled: Mapped[bool] = mapped_column(default=True)
    check_number: Mapped[int] = mapped_column(default=0)
    check_state: Mapped[str | None] = text_column(Privacy.NONE)
    check_message: Mapped[str | None] = text_column(Privacy.NONE)
    checked_at: Mapped[datetime | None] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("organization_id", "kind", "name"),
            CheckConstraint(f"check_state IN {CHECK_STATES}", name="check_state"),
            Index(
                "uq_provider_choice_one_of_a_kind",
                "organization_id",
                "kind",
                unique=True,
                postgresql_where=text("chosen"),
            ),
        )


class SpendingCaps(TenantOwned, Base):
    """What an organisation lets models cost, in whole cents; null: no cap. Without a row the deployment's caps hold."""

    __tablename__ = "spending_caps"

    assessment: Mapped[int | None] = mapped_column()
    month: Mapped[int | None] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("organization_id"),)


class MonthlySpending(TenantOwned, Base):
    """What models cost an organisation in one calendar month (UTC), in millionths of a US dollar."""

    __tablename__ = "monthly_spending"

    month: Mapped[date] = mapped_column()
    spent: Mapped[int] = mapped_column(BigInteger)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("organization_id", "month"),)

"""What every table shares: ids, tenancy, references that cannot leave the tenant, and the class of personal data.

Every text or JSON column says what it holds of a person (`privacy`): export and erase walk that registry, and a column
without it fails a test.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    ForeignKeyConstraint,
    Index,
    MetaData,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.schema import SchemaItem

from tali.kernel.clock import now
from tali.kernel.ids import new_id


class Privacy(StrEnum):
    """What a column holds of a person."""

    NONE = "none"
    """Nothing: slugs, states, settings, the organisation's own content."""
    IDENTITY = "identity"
    """Who somebody is: name, e-mail address, an id elsewhere."""
    CONTENT = "content"
    """What a candidate wrote or did: code, prompts, output, events."""
    ASSESSMENT = "assessment"
    """What was said about a candidate: scores, evidence, notes."""
    SECRET = "secret"  # noqa: S105  # pragma: allowlist secret
    """A credential, hashed or encrypted; never exported, always erased."""


class Base(DeclarativeBase):
    """Root of all models."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True), UUID: Uuid()}  # noqa: RUF012


class Identified:
    """A table whose rows have an id and a birthday."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)


class TenantOwned(Identified):
    """A table whose rows belong to one organisation; a policy of its migration walls it."""

    organization_id: Mapped[UUID] = mapped_column()

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        """Constraints and indexes of the concrete table."""
        return ()

    @declared_attr.directive
    def __table_args__(cls) -> tuple[SchemaItem, ...]:  # noqa: N805
        return (
            UniqueConstraint("organization_id", "id"),
            ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
            *cls.extra_table_args(),
        )


def reference(column: str, table: str, *, ondelete: str = "CASCADE", index: bool = True) -> tuple[SchemaItem, ...]:
    """A reference to another tenant table, and the index that deletes and joins need.

    `index=False` where a unique constraint already begins with the same columns; a test asks for one or the other.

    Composite, because plain foreign keys are checked without row-level security: a tenant could point at another's row.
    """
    if ondelete == "SET NULL":
        ondelete = f"SET NULL ({column})"
    constraint = ForeignKeyConstraint(
        ["organization_id", column], [f"{table}.organization_id", f"{table}.id"], ondelete=ondelete
    )
    return (constraint, Index(None, "organization_id", column)) if index else (constraint,)


def text_column(privacy: Privacy, **options: Any) -> Any:
    """A text column that says what it holds of a person."""
    return mapped_column(Text, info={"privacy": privacy}, **options)


def json_column(privacy: Privacy, **options: Any) -> Any:
    """A JSON column that says what it holds of a person."""
    return mapped_column(JSONB, info={"privacy": privacy}, **options)


def small_integer(**options: Any) -> Any:
    """A small whole number."""
    return mapped_column(SmallInteger, **options)


def personal_data_registry() -> dict[str, dict[str, Privacy | None]]:
    """Every text, JSON or array column of every table with its class; None marks one that nobody classified."""
    registry: dict[str, dict[str, Privacy | None]] = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            python_type = type(column.type).__name__
            if python_type in {"Text", "String", "JSONB", "JSON", "ARRAY", "VARCHAR"}:
                registry.setdefault(table.name, {})[column.name] = column.info.get("privacy")
    return registry

"""Which rows hang on a row: read from the models' foreign keys, so that no table that is added later is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Select, Table, func, or_, select
from sqlalchemy.orm import Session

from tali.kernel.models import Base


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that points at another tenant table's id, and what becomes of its row when that one is deleted."""

    table: Table
    column: Column[UUID]
    target: Table
    ondelete: str


def references_to(table_name: str) -> list[Reference]:
    """Every reference to a table from another."""
    return [
        Reference(table, column, key.referred_table, (key.ondelete or "RESTRICT").split(" (")[0])
        for table in Base.metadata.sorted_tables
        for key in table.foreign_key_constraints
        if key.referred_table.name == table_name
        for column, element in zip(key.columns, key.elements, strict=True)
        if element.column.name == "id" and table.name != table_name
    ]


def uses(session: Session, table_name: str, row_id: UUID) -> dict[str, int]:
    """Table → how many of its rows keep this row from being deleted."""
    counts = {}
    for reference in references_to(table_name):
        if reference.ondelete in {"RESTRICT", "NO ACTION"}:
            rows = select(func.count()).select_from(reference.table).where(reference.column == row_id)
            counts[reference.table.name] = session.execute(rows).scalar_one()
    return {table: count for table, count in counts.items() if count}


def belongings(table_name: str, row_id: UUID) -> dict[str, tuple[Table, ColumnElement[bool]]]:
    """Every table whose rows go when this row goes, however many steps away: name → (table, which of its rows).

    In the order of the steps, this row's own table first.
    """
    root = Base.metadata.tables[table_name]
    found: dict[str, tuple[Table, ColumnElement[bool]]] = {table_name: (root, root.c.id == row_id)}
    nearest = [table_name]
    while nearest:
        further: dict[str, tuple[Table, list[ColumnElement[bool]]]] = {}
        for name in nearest:
            for reference in references_to(name):
                if reference.ondelete == "CASCADE" and reference.table.name not in found:
                    further.setdefault(reference.table.name, (reference.table, []))[1].append(
                        reference.column.in_(_ids(*found[name]))
                    )
        found |= {name: (table, or_(*ways)) for name, (table, ways) in further.items()}
        nearest = list(further)
    return found


def _ids(table: Table, which: ColumnElement[bool]) -> Select[UUID]:
    return select(table.c.id).where(which)

"""Sees every move of every state, also those inside one job, and every alteration of what is never altered.

Triggers of the test database's own, in a schema of their own, write them down; they are gone after the tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tali.jobs.resources import Resources
from tali.kernel.models import Base

BORN = None
WORK = {
    (BORN, "queued"),
    ("queued", "running"),
    ("queued", "interrupted"),
    *(("running", end) for end in ("done", "interrupted", "failed", "cancelled")),
}
MOVES: dict[tuple[str, str], set[tuple[str | None, str | None]]] = {
    # An invitation that has expired can be sent again.
    ("assessment", "state"): {
        (BORN, "invited"),
        ("invited", "in_progress"),
        ("invited", "expired"),
        ("invited", "cancelled"),
        ("in_progress", "completed"),
        ("expired", "invited"),
    },
    ("assessment", "scoring_state"): {
        (None, "pending"),
        ("pending", "running"),
        ("pending", "failed"),
        *(("running", end) for end in ("scored", "partial", "failed")),
        *((end, "pending") for end in ("scored", "partial", "failed")),
    },
    ("attempt", "state"): {(BORN, "ready"), ("ready", "in_progress"), ("in_progress", "submitted")},
    ("turn", "state"): WORK,
    ("execution", "state"): WORK,
    ("score_run", "state"): {(BORN, "running"), *(("running", end) for end in ("scored", "partial", "failed"))},
    ("evaluation", "state"): {(BORN, "pending"), ("pending", "done"), ("pending", "failed")},
    ("bulk_row", "state"): {
        *((BORN, begun) for begun in ("queued", "failed", "skipped")),
        *(("queued", end) for end in ("created", "failed", "skipped")),
    },
    ("task", "state"): {
        (BORN, "draft"),
        (BORN, "published"),
        ("draft", "published"),
        ("draft", "archived"),
        ("published", "archived"),
        ("archived", "published"),
        ("archived", "draft"),
    },
    ("job", "state"): {
        (BORN, "queued"),
        ("queued", "running"),
        *(("running", end) for end in ("done", "queued", "dead", "ambiguous")),
    },
}
NEVER_ALTERED = (
    "score",
    "grade",
    "signal_value",
    "edit_batch",
    "timeline_event",
    "checkpoint",
    "code_snapshot",
    "accommodation",
    "decision",
    "task_version",
    "audit_entry",
    "domain_event",
)
NOT_COMPARED = frozenset({"idempotency_record", "api_key"})
"""A refused request may forget an old answer, and notes that a key was used."""

SETUP = """
CREATE SCHEMA watch;
CREATE TABLE watch.move (
    n bigint GENERATED ALWAYS AS IDENTITY, organization_id uuid, tbl text, col text, row_id uuid, old text, new text
);
CREATE FUNCTION watch.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO watch.move (organization_id, tbl, col, row_id, old, new) VALUES (
        NEW.organization_id, TG_TABLE_NAME, TG_ARGV[0], NEW.id,
        CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) ->> TG_ARGV[0] END, to_jsonb(NEW) ->> TG_ARGV[0]
    );
    RETURN NULL;
END $$;
"""


def tenant_tables() -> list[str]:
    return [table.name for table in Base.metadata.sorted_tables if "organization_id" in table.columns]


def _triggers() -> Iterator[str]:
    for table, column in MOVES:
        call = f"EXECUTE FUNCTION watch.note('{column}')"
        changed = f"OLD.{column} IS DISTINCT FROM NEW.{column}"
        yield f'CREATE TRIGGER watch_{column} AFTER UPDATE ON "{table}" FOR EACH ROW WHEN ({changed}) {call}'
        if column == "state":
            yield f'CREATE TRIGGER watch_birth AFTER INSERT ON "{table}" FOR EACH ROW {call}'
    for table in NEVER_ALTERED:
        yield (
            f'CREATE TRIGGER watch_altered AFTER UPDATE ON "{table}" FOR EACH ROW'
            " WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION watch.note('altered')"
        )


@dataclass(frozen=True)
class Move:
    """One move of one row."""

    table: str
    column: str
    row_id: UUID
    old: str | None
    new: str | None


class Watch:
    """What happened in the database, as its owner sees it."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        self._digest = text(
            " UNION ALL ".join(
                f"SELECT '{table}' AS tbl, count(*) AS n, sum(hashtextextended(t::text, 0)) AS said"
                f' FROM "{table}" t WHERE organization_id = :org'
                for table in tenant_tables()
                if table not in NOT_COMPARED
            )
        )

    def rows(self, statement: Any, **values: Any) -> list[Any]:
        with self.resources.database.owner() as session:
            return list(session.execute(text(statement) if isinstance(statement, str) else statement, values))

    def write(self, statement: str, **values: Any) -> None:
        with self.resources.database.owner() as session:
            session.execute(text(statement), values)

    def digest(self, organization_id: UUID) -> dict[str, tuple[int, Any]]:
        """Every table's rows of one organisation, in so short a form that two moments compare."""
        return {row.tbl: (row.n, row.said) for row in self.rows(self._digest, org=organization_id)}

    def take_moves(self, organization_id: UUID) -> list[Move]:
        """What moved since this was last asked, in order."""
        moves = self.rows(
            "WITH taken AS (DELETE FROM watch.move WHERE organization_id = :org RETURNING *)"
            " SELECT tbl, col, row_id, old, new FROM taken ORDER BY n",
            org=organization_id,
        )
        return [Move(*move) for move in moves]

    def check_moves(self, organization_id: UUID) -> None:
        """Only the moves of the state machines happened, and nothing was altered that never is."""
        for move in self.take_moves(organization_id):
            if move.column == "altered":
                gone = not self.rows(f'SELECT 1 FROM "{move.table}" WHERE id = :id', id=move.row_id)
                # What a deleted row was superseded by goes with it, and is unlinked first.
                assert gone, f"a row of {move.table} was altered"
            else:
                legal = (move.old, move.new) in MOVES[move.table, move.column]
                assert legal, f"{move.table}.{move.column} went from {move.old} to {move.new}"


@contextmanager
def watching(resources: Resources) -> Iterator[Watch]:
    """The triggers, for as long as this lasts."""
    with resources.database.owner() as session:
        session.execute(text(SETUP))
        for trigger in _triggers():
            session.execute(text(trigger))
    try:
        yield Watch(resources)
    finally:
        with resources.database.owner() as session:
            session.execute(text("DROP SCHEMA watch CASCADE"))

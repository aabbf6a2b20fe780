"""Steps that nobody takes: time passes, the dispatcher looks, workers work."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tali.jobs import worker
from tali.jobs.kinds import SWEEPS
from tali.kernel.clock import now
from tests.stateful.ground import Held
from tests.stateful.inviting import Inviting

MOMENTS = {
    "assessment": ("expires_at", "started_at", "submitted_at", "ended_at"),
    "attempt": ("started_at", "deadline", "paused_at", "submitted_at"),
    "pause": ("started_at", "ended_at"),
    "turn": ("created_at", "started_at", "finished_at"),
    "execution": ("created_at", "started_at", "finished_at"),
    "job": ("created_at", "run_at", "finished_at"),
}
"""What lies further back when time has passed. (What is never altered keeps its moment.)"""


class Passing(Inviting):
    """What goes on behind everybody's back."""

    @rule(minutes=st.sampled_from((2, 2, 15, 15, 45, 130, 60 * 24 * 16)))
    def time_passes(self, minutes: int) -> None:
        """Every moment lies that much further back, for all of the organisation alike."""
        for table, columns in MOMENTS.items():
            moved = ", ".join(f"{column} = {column} - :by" for column in columns)
            self.watch.write(
                f'UPDATE "{table}" SET {moved} WHERE organization_id = :org',
                by=timedelta(minutes=minutes),
                org=self.org,
            )

    @rule()
    def the_dispatcher_looks(self) -> None:
        """What is due is found, and what only core does is done: deadlines, expiry, pauses."""
        before = {held.id: self.real(held) for held in self.held}
        self._sweep()
        self._run("control")
        for held in self.held:
            real = before[held.id]
            if held.state == "invited" and real.lapsed:
                held.state = "expired"
            elif held.state == "in_progress" and real.overdue and real.paused_at is None:
                held.state, held.scoring = "completed", "pending"
            if real.overlong:
                assert self.real(held).paused_at is None, "a forgotten pause ends by itself"

    def _sweep(self) -> None:
        for _, _, look in SWEEPS:
            with self.watch.resources.database.owner() as session:
                look(session, now())

    def _run(self, queue: str) -> None:
        due = self.watch.rows(
            "SELECT id FROM job WHERE organization_id = :org AND queue = :queue AND state = 'queued'"
            " AND run_at <= clock_timestamp() ORDER BY created_at, id",
            org=self.org,
            queue=queue,
        )
        for row in due:
            worker.run(self.watch.resources, row.id)

    @rule()
    def workers_work(self) -> None:
        """Every job that is due is done, and what it was for is settled."""
        before = {held.id: self.real(held) for held in self.held}
        due = {
            row.id
            for row in self.watch.rows(
                "SELECT (payload ->> 'assessment_id') AS id FROM job WHERE organization_id = :org"
                " AND kind LIKE 'scoring.%' AND state = 'queued' AND run_at <= clock_timestamp()",
                org=self.org,
            )
        }
        self.world.run_jobs(self.tenant)
        known = {held.id for held in self.held}
        for row in self.watch.rows("SELECT id FROM assessment WHERE organization_id = :org ORDER BY id", org=self.org):
            if str(row.id) not in known:
                self.learn(str(row.id))
        for held in self.held:
            if held.id not in before:
                continue
            real = self.real(held)
            if held.state == "in_progress" and real.state == "completed":
                # A deadline that the dispatcher had found, while its job waited.
                assert before[held.id].overdue
                held.state, held.scoring = "completed", "pending"
            if held.scoring in ("pending", "running") and held.id in due:
                held.scoring = real.scoring_state
                if held.scoring == "running":
                    # A plugin was at fault: the job is tried again a little later.
                    assert self._waits(held), "scoring stands still"
                else:
                    assert held.scoring in ("scored", "partial", "failed")
                    held.scores += 1
        late = self.watch.rows(
            "SELECT kind FROM job WHERE organization_id = :org AND state = 'queued' AND run_at <= clock_timestamp()",
            org=self.org,
        )
        assert not late

    def _waits(self, held: Held) -> bool:
        return bool(
            self.watch.rows(
                "SELECT 1 FROM job WHERE organization_id = :org AND payload ->> 'assessment_id' = :id"
                " AND kind LIKE 'scoring.%' AND state = 'queued' AND error IS NOT NULL",
                org=self.org,
                id=held.id,
            )
        )

"""What every step stands on: an organisation with its people, a model beside it, and what holds for each request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from tali.kernel.ids import new_id
from tali.organizations import service as organizations
from tali.organizations.models import Membership, User
from tests.candidate import Candidate, Reply
from tests.stateful import invariants
from tests.stateful.watch import Watch

Refusal = tuple[int, str]
STAGES = ("invited", "in_progress", "completed", "scored")
"""How far the first assessment has come when a sequence begins."""
DOCUMENTED_503 = {"provider_not_configured", "sandbox_unavailable", "streams_busy"}
EDITORS = ("owner", "recruiter", "key")
ALL = (*EDITORS, "viewer")
some = st.integers(0, 7)
"""Which of what there is; taken modulo how many there are."""
staff = st.sampled_from(("owner", "owner", "recruiter", "owner", "key", "recruiter", "viewer"))


@dataclass
class Person:
    """Somebody of the organisation, as the model knows them. A program has no user."""

    name: str
    role: str
    token: str
    user_id: str | None = None
    membership_id: UUID | None = None
    active: bool = True
    key: str = ""


@dataclass
class Held:
    """One assessment, as the model has it."""

    id: str
    link: str
    candidate_id: str
    task_id: str
    blind: bool
    state: str = "invited"
    scoring: str | None = None
    decision: str | None = None
    override: float | None = None
    resent: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    scores: int = 0
    windows: list[Candidate] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def attempt(self) -> str:
        return {"in_progress": "in_progress", "completed": "submitted"}.get(self.state, "ready")

    @property
    def path(self) -> str:
        return f"/assessments/{self.id}"


@dataclass(frozen=True)
class World:
    """What lasts longer than one sequence."""

    make_tenant: Callable[[], Any]
    run_jobs: Callable[[Any], int]
    watch: Watch
    neighbour: Any


class Ground(RuleBasedStateMachine):
    """People, requests, and the checks around each of them."""

    def __init__(self, world: World, stage: str) -> None:
        super().__init__()
        self.stage = stage
        self.world, self.watch = world, world.watch
        valkey = world.watch.resources.valkey
        for pattern in ("limit:*", "breaker:*"):
            for kept in valkey.scan_iter(pattern):
                valkey.delete(kept)
        self.tenant = world.make_tenant()
        self.org: UUID = self.tenant.organization_id
        self.held: list[Held] = []
        self.people: dict[str, Person] = {}
        self.tasks: dict[str, dict[str, Any]] = {}
        self.candidates: dict[str, str] = {}
        self._people()
        self.neighbours = self.watch.digest(world.neighbour.organization_id)

    def _people(self) -> None:
        own = self.tenant.call("GET", "/auth/me").json["user"]["id"]
        self.people["owner"] = Person("owner", "owner", self.tenant.token, own, self.tenant.membership_id)
        for role in ("recruiter", "viewer"):
            with self.watch.resources.database.owner() as session:
                user = User(id=new_id(), email=f"{role}-{new_id().hex}@example.com", full_name=f"R {role}")
                session.add(user)
                session.flush()
                member = Membership(id=new_id(), organization_id=self.org, user_id=user.id, role=role, active=True)
                session.add(member)
            person = Person(role, role, "", str(user.id), member.id)
            self.people[role] = person
            self.sign_in(person)
        made = self.tenant.call("POST", "/api-keys", json={"name": "ATS"}).json
        self.people["key"] = Person("key", "recruiter", made["key"])
        for person in self.people.values():
            person.key = f"user:{person.user_id}" if person.user_id else f"api_key:{made['id']}"

    def sign_in(self, person: Person) -> None:
        """By a link of their own, as whoever runs the house would hand out."""
        with self.watch.resources.database.tenant(self.org) as session:
            link = organizations.create_sign_in_link(session, session.get_one(Membership, person.membership_id))
        client = self.tenant.client
        person.token = client.post("/api/v1/auth/links/redeem", json={"token": link}).get_json()["access_token"]

    def teardown(self) -> None:
        if hasattr(self, "neighbours"):
            after = self.watch.digest(self.world.neighbour.organization_id)
            assert after == self.neighbours, "rows of another organisation changed"
            self.watch.write("DELETE FROM organization WHERE id = :org", org=self.org)
            self.watch.take_moves(self.org)

    # What a request may be refused for

    def barred(self, who: str, *roles: str, key: bool = True) -> Refusal | None:
        """Why this person may not, whatever it is about."""
        person = self.people[who]
        if who == "key":
            return None if key else (403, "user_required")
        if not person.active:
            return 401, "session_ended"
        return None if person.role in (roles or ("owner", "recruiter")) else (403, "role_insufficient")

    def ask(
        self,
        who: str,
        method: str,
        path: str,
        *refusals: Refusal | bool | None,
        ok: int = 200,
        audit: tuple[str, str] | None = None,
        **options: Any,
    ) -> Reply:
        """One request of staff: the first refusal that applies is the answer, or else it succeeds.

        `audit` is the action and the subject of the one line that it leaves in the audit log; None for none.
        """
        person = self.people[who]
        with self._around(audit and (person.key, *audit)) as settle:
            reply = self.tenant.call(method, path, token=person.token, **options)
            settle(reply)
        wanted = next((refusal for refusal in refusals if refusal), None)
        self.answered(reply, ok, wanted, f"{who} {method} {path} {options.get('json')}")
        return reply

    def say(self, window: Candidate, what: Callable[[], Reply], *refusals: Refusal | bool | None, ok: int) -> Reply:
        """One request of a candidate's window."""
        with self._around(None) as settle:
            reply = what()
            settle(reply)
        self.answered(reply, ok, next((refusal for refusal in refusals if refusal), None), "a candidate's request")
        return reply

    @staticmethod
    def answered(reply: Reply, ok: int, wanted: Refusal | None, what: str) -> None:
        if wanted is None:
            assert reply.status == ok, f"{what} answered {reply.status}: {reply.json}"
        else:
            told = (reply.status, (reply.json or {}).get("code"))
            assert told == wanted, f"{what} answered {told}, not {wanted}: {reply.json}"

    @contextmanager
    def _around(self, audit: tuple[str, str, str] | None) -> Iterator[Callable[[Reply], None]]:
        """What holds for every request, once it has been answered."""
        before, lines = self.watch.digest(self.org), self.audit_lines()
        replies: list[Reply] = []
        yield replies.append
        (reply,) = replies
        refused = reply.status >= 400
        if reply.status >= 500:
            assert (reply.status, reply.json["code"]) in {(503, code) for code in DOCUMENTED_503}, reply.json
        # A divergence is kept as an event of its own: it tells why a snapshot came.
        if refused and reply.json["code"] != "workspace_diverged":
            after = self.watch.digest(self.org)
            changed = [table for table in after if after[table] != before.get(table)]
            assert not changed, f"refused with {reply.json}, and yet changed {changed}"
        new = [line for row, line in self.audit_lines().items() if row not in lines]
        assert new == ([] if refused or audit is None else [audit]), f"the audit log got {new}, not {audit}"
        if reply.status == 409:
            self.carries_the_state(reply)

    def audit_lines(self) -> dict[UUID, tuple[str, str, str]]:
        found = self.watch.rows(
            "SELECT id, actor, action, subject_id FROM audit_entry WHERE organization_id = :org ORDER BY id",
            org=self.org,
        )
        return {row.id: (row.actor, row.action, str(row.subject_id)) for row in found}

    # What there is

    def real(self, held: Held) -> Any:
        """The assessment and its attempt as they are, and what the clock says of them."""
        (row,) = self.watch.rows(
            "SELECT s.*, a.id AS attempt_id, a.state AS attempt, a.deadline, a.paused_at, a.paused_time,"
            " a.writer_epoch, a.started_at AS begun, a.submitted_by, a.assistant, a.sandbox,"
            " a.deadline < clock_timestamp() AS overdue, s.expires_at <= clock_timestamp() AS lapsed,"
            " a.paused_at + interval '2 hours' <= clock_timestamp() AS overlong,"
            " a.deadline + interval '60 s' < clock_timestamp() AS too_late, clock_timestamp() AS moment"
            " FROM assessment s JOIN attempt a ON a.assessment_id = s.id WHERE s.id = :id",
            id=held.id,
        )
        return row

    NO_STATE = frozenset(
        {
            "session_taken_over",
            "edits_missing",
            "workspace_diverged",
            "candidate_exists",
            "candidate_in_use",
            "external_id_taken",
            "pauses_used_up",
            "review_blind",
        }
    )
    """Conflicts that no state machine is about."""

    def carries_the_state(self, reply: Reply) -> None:
        """A 409 names the state that is really there."""
        if reply.json["code"] in self.NO_STATE:
            return
        assert "state" in reply.json, f"a conflict without a state: {reply.json}"
        assert reply.json["state"] in {
            *("invited", "in_progress", "completed", "expired", "cancelled", "ready", "submitted", "paused", "over"),
            *("draft", "published", "archived", "queued", "running", "pending"),
            *("last_owner", "deactivated", "active"),
        }, reply.json

    def pick(self, number: int) -> Held:
        return self.held[number % len(self.held)]

    def forget(self, held: Held) -> None:
        self.held.remove(held)

    def now(self) -> datetime:
        moment: datetime = self.watch.rows("SELECT clock_timestamp()")[0][0]
        return moment

    @invariant()
    def every_rule_holds(self) -> None:
        self.watch.check_moves(self.org)
        invariants.check(self.watch, self.org)

    @invariant()
    def the_model_and_the_rows_agree(self) -> None:
        rows = self.watch.rows(
            "SELECT id, state, scoring_state, decision, overridden, blind_review, candidate_id,"
            " (SELECT count(*) FROM score WHERE assessment_id = s.id) AS scores,"
            " (SELECT count(*) FROM note WHERE assessment_id = s.id) AS notes"
            " FROM assessment s WHERE organization_id = :org",
            org=self.org,
        )
        told = {
            str(row.id): (
                row.state, row.scoring_state, row.decision, row.overridden, row.blind_review, str(row.candidate_id),
                row.scores, row.notes,
            )
            for row in rows
        }  # fmt: skip
        modelled = {
            held.id: (
                held.state, held.scoring, held.decision, held.override is not None, held.blind, held.candidate_id,
                held.scores, len(held.notes),
            )
            for held in self.held
        }  # fmt: skip
        assert told == modelled

"""Steps of inviting: assessments one by one and in lists, their conditions, and the people who are invited."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.candidate import Reply
from tests.stateful.ground import Ground, Held, Refusal, some, staff
from tests.stateful.providers import MOODS
from tests.tasks.conftest import SMALL_TASK

PEOPLE = ("ada@example.com", "bob@example.com", "cyd@example.com", "Ada@Example.com")
WEIGHTS = ({"tests": 1.0}, {"tests": 0.6, "independence": 0.4}, {"independence": 1.0})
conditions = st.fixed_dictionaries(
    {},
    optional={
        "duration_minutes": st.sampled_from((1, 30, 60, 480)),
        "expires_in_days": st.sampled_from((1, 14, 365)),
        "weights": st.sampled_from(WEIGHTS),
        "proctored": st.booleans(),
        "help_level": st.sampled_from(("full", "guided", "questions_only")),
        "calibration": st.booleans(),
        "blind_review": st.booleans(),
    },
)
names = st.sampled_from(("Grace Hopper", "Åsa Öberg"))
lists = st.lists(st.sampled_from((*PEOPLE, "no address", "dan@example.com")), min_size=1, max_size=3)
chosen = st.one_of(conditions, st.sampled_from(({"preset": "balanced"}, {"preset": "solution_focused"})))


class Inviting(Ground):
    """Creating, changing, sending, taking back, deleting."""

    @initialize(wishes=conditions, moody=st.booleans(), mood=st.sampled_from(("pass", *MOODS)))
    def begin(self, wishes: dict[str, Any], moody: bool, mood: str) -> None:
        """A published task, quick providers, and one assessment, as far as it has come."""
        from tali.tasks import service as tasks
        from tali.tasks.content import TaskContentSchema

        content = TaskContentSchema().load(SMALL_TASK)
        with self.watch.resources.database.tenant(self.org) as session:
            task, _ = tasks.publish(session, self.org, content, ["test_unseen::test_adds"])
        self.tasks[str(task.id)] = {"state": "published", "revision": 0, "versions": 1}
        self.first_task = str(task.id)
        for kind, name in (("sandboxes", "quick"), *([("assistants", "moody")] if moody else [])):
            assert self.tenant.call("PATCH", f"/plugins/{kind}/{name}", json={"used": True}).status == 200
        self._create("owner", self.first_task, PEOPLE[0], wishes)
        self.advance(self.stage, mood)

    def advance(self, stage: str, mood: str) -> None:
        """Bring an assessment to where what comes later begins."""

    # Assessments

    def _create(
        self, who: str, task_id: str, email: str, wishes: dict[str, Any], *, key: str | None = None, **more: Any
    ) -> Reply:
        body = {"task_id": task_id, "candidate": {"full_name": "Ada Byron", "email": email}, **wishes, **more}
        known = self.tasks.get(task_id)
        twice = not more.get("again") and self.watch.rows(
            "SELECT 1 FROM assessment a JOIN candidate c ON c.id = a.candidate_id WHERE a.organization_id = :org"
            " AND a.task_id = :task AND lower(c.email) = lower(:email) AND a.state IN ('invited', 'in_progress')",
            org=self.org,
            task=task_id,
            email=email,
        )
        reply = self.ask_for_new(
            who,
            body,
            self.barred(who),
            known is None and (404, "task_not_found"),
            known is not None and known["state"] != "published" and (409, "task_not_published"),
            bool(twice) and (409, "already_invited"),
            key=key,
        )
        if reply.status == 201:
            self.learn(reply.json["id"], sent=more.get("send_invitation", True))
        return reply

    def ask_for_new(self, who: str, body: dict[str, Any], *refusals: Refusal | bool | None, key: str | None) -> Reply:
        """The audit line names an id that only the answer tells."""
        lines = self.audit_lines()
        before = self.watch.digest(self.org)
        reply: Reply = self.tenant.call("POST", "/assessments", token=self.people[who].token, json=body, key=key)
        self.answered(reply, 201, next((refusal for refusal in refusals if refusal), None), f"{who} invites {body}")
        new = [line for row, line in self.audit_lines().items() if row not in lines]
        if reply.status == 201:
            assert new == [(self.people[who].key, "assessment.created", reply.json["id"])]
        else:
            assert (new, self.watch.digest(self.org)) == ([], before)
            if reply.status == 409:
                self.carries_the_state(reply)
        return reply

    def learn(self, assessment_id: str, *, sent: bool = True) -> None:
        """Take a new assessment into the model. Its link is read where the mail would be written."""
        from sqlalchemy import select

        from tali.assessments.models import Assessment

        resources = self.watch.resources
        with resources.database.tenant(self.org) as session:
            row = session.execute(select(Assessment).where(Assessment.id == assessment_id)).scalar_one()
            link = resources.key_ring.decrypt(row.invitation_sealed)
            email = self.watch.rows("SELECT email FROM candidate WHERE id = :id", id=row.candidate_id)[0].email
        candidate_id = str(row.candidate_id)
        self.held.append(Held(str(row.id), link, candidate_id, str(row.task_id), row.blind_review))
        self.candidates.setdefault(candidate_id, email)

    @rule(who=staff, wishes=chosen, email=st.sampled_from(PEOPLE), send=st.booleans(), again=st.booleans())
    def invite(self, who: str, wishes: dict[str, Any], email: str, send: bool, again: bool) -> None:
        if len(self.held) < 6:
            known = {address.lower() for address in self.candidates.values()}
            reply = self._create(who, self.first_task, email, wishes, send_invitation=send, again=again)
            if reply.status == 201:
                new = [one for one in self.held if one.id == reply.json["id"]]
                assert len(new) == 1
                assert (len(self.candidates) == len(known)) == (email.lower() in known), "one candidate an address"

    @rule(who=st.sampled_from(("owner", "key")))
    def invite_twice_under_one_key(self, who: str) -> None:
        first = self._create(who, self.first_task, PEOPLE[1], {}, key="once")
        if first.status != 201:
            return
        lines, before = self.audit_lines(), self.watch.digest(self.org)
        body = {"task_id": self.first_task, "candidate": {"full_name": "Ada Byron", "email": PEOPLE[1]}}
        again = self.tenant.call("POST", "/assessments", token=self.people[who].token, json=body, key="once")
        assert (again.status, again.json) == (201, first.json)
        assert (self.audit_lines(), self.watch.digest(self.org)) == (lines, before)
        self.watch.write("DELETE FROM idempotency_record WHERE organization_id = :org", org=self.org)

    @rule(
        who=staff, emails=st.lists(st.sampled_from((*PEOPLE, "no address", "dan@example.com")), min_size=1, max_size=3)
    )
    def invite_a_list(self, who: str, emails: list[str]) -> None:
        if len(self.held) > 5:
            return
        people = [{"full_name": "Some Body", "email": email} for email in emails]
        lines, state = self.audit_lines(), self.tasks.get(self.first_task, {}).get("state")
        reply = self.tenant.call(
            "POST",
            "/assessments/bulk",
            token=self.people[who].token,
            json={"task_id": self.first_task, "people": people, "send_invitation": False},
        )
        refusals = (
            self.barred(who),
            state is None and (404, "task_not_found"),
            state != "published" and (409, "task_not_published"),
        )
        self.answered(reply, 202, next((one for one in refusals if one), None), f"{who} invites {emails}")
        new = [line for row, line in self.audit_lines().items() if row not in lines]
        if reply.status == 202:
            assert new == [(self.people[who].key, "bulk_invitation.created", reply.json["id"])]
            assert reply.json["accepted"] + len(reply.json["problems"]) == len(emails)
        else:
            assert new == []

    @rule(who=staff, number=some, changes=chosen.filter(bool))
    @precondition(lambda self: self.held)
    def change_conditions(self, who: str, number: int, changes: dict[str, Any]) -> None:
        held = self.pick(number)
        session = changes.keys() - {"blind_review"}
        unblinds = held.blind and changes.get("blind_review") is False
        reply = self.ask(
            who,
            "PATCH",
            held.path,
            self.barred(who),
            bool(session) and held.state != "invited" and (409, "assessment_started"),
            unblinds and self.people[who].role != "owner" and (403, "unblinding_reserved"),
            audit=("assessment.changed", held.id),
            json=changes,
        )
        if reply.status == 200 and "blind_review" in changes:
            held.blind = changes["blind_review"]

    @rule(who=staff, number=some, void=st.booleans(), days=st.sampled_from((None, 1, 30)))
    @precondition(lambda self: self.held)
    def resend(self, who: str, number: int, void: bool, days: int | None) -> None:
        held = self.pick(number)
        barred = self.barred(who)
        reply = self.ask(
            who,
            "POST",
            f"{held.path}/resend",
            barred,
            held.resent[void] >= 5 and (429, "too_many_attempts"),
            held.state not in ("invited", "expired") and (409, "assessment_not_invited"),
            audit=("assessment.invited_again", held.id),
            json={"void_old_link": void, "expires_in_days": days},
        )
        held.resent[void] += barred is None
        if reply.status == 200:
            held.state, held.decision = "invited", None
            if void:
                old, held.link = held.link, self._link_of(held)
                assert old != held.link
                opened = self.tenant.client.post("/api/v1/session/open", json={"invitation": old, "nonce": "a" * 16})
                assert opened.status_code == 401

    def _link_of(self, held: Held) -> str:
        (row,) = self.watch.rows("SELECT invitation_sealed FROM assessment WHERE id = :id", id=held.id)
        return self.watch.resources.key_ring.decrypt(row.invitation_sealed)

    @rule(who=staff, number=some)
    @precondition(lambda self: self.held)
    def cancel(self, who: str, number: int) -> None:
        held = self.pick(number)
        reply = self.ask(
            who,
            "POST",
            f"{held.path}/cancel",
            self.barred(who),
            held.state != "invited" and (409, "assessment_not_cancellable"),
            audit=("assessment.cancelled", held.id),
        )
        if reply.status == 200:
            held.state = "cancelled"

    @rule(who=staff, number=some)
    @precondition(lambda self: len(self.held) > 1)
    def delete_an_assessment(self, who: str, number: int) -> None:
        held = self.pick(number)
        reply = self.ask(who, "DELETE", held.path, self.barred(who), ok=204, audit=("assessment.deleted", held.id))
        if reply.status == 204:
            self.forget(held)
            self.ask(who, "POST", f"{held.path}/cancel", (404, "assessment_not_found"))
            for window in held.windows:
                self.say(window, lambda w=window: w.call("GET", ""), (410, "assessment_deleted"), ok=200)  # type: ignore[misc]

    # Candidates

    def _candidate(self, number: int) -> str:
        return list(self.candidates)[number % len(self.candidates)]

    @rule(
        who=staff,
        number=some,
        name=st.sampled_from(("Grace Hopper", "Åsa Öberg")),
        email=st.sampled_from((*PEOPLE, None)),
    )
    @precondition(lambda self: self.candidates)
    def change_a_candidate(self, who: str, number: int, name: str, email: str | None) -> None:
        candidate_id = self._candidate(number)
        others = {address.lower() for one, address in self.candidates.items() if one != candidate_id}
        blind = self.watch.rows(
            "SELECT id FROM assessment WHERE candidate_id = :id AND blind_review"
            " AND coalesce(decision, '') NOT IN ('advance', 'reject')",
            id=candidate_id,
        )
        reply = self.ask(
            who,
            "PATCH",
            f"/candidates/{candidate_id}",
            self.barred(who),
            bool(blind) and (409, "review_blind"),
            email is not None and email.lower() in others and (409, "candidate_exists"),
            audit=("candidate.changed", candidate_id),
            json={"full_name": name, **({"email": email} if email else {})},
        )
        if reply.status == 200 and email:
            self.candidates[candidate_id] = email

    @rule(who=staff, number=some)
    @precondition(lambda self: self.candidates)
    def delete_a_candidate(self, who: str, number: int) -> None:
        candidate_id = self._candidate(number)
        used = any(held.candidate_id == candidate_id for held in self.held)
        reply = self.ask(
            who,
            "DELETE",
            f"/candidates/{candidate_id}",
            self.barred(who),
            used and (409, "candidate_in_use"),
            ok=204,
            audit=("candidate.deleted", candidate_id),
        )
        if reply.status == 204:
            del self.candidates[candidate_id]

    @rule(who=staff, number=some)
    @precondition(lambda self: len(self.candidates) > 1)
    def erase_a_candidate(self, who: str, number: int) -> None:
        candidate_id = self._candidate(number)
        reply = self.ask(
            who, "POST", f"/candidates/{candidate_id}/erase", self.barred(who), audit=("candidate.erased", candidate_id)
        )
        if reply.status == 200:
            email = self.candidates.pop(candidate_id)
            self.held = [held for held in self.held if held.candidate_id != candidate_id]
            self.nothing_is_left_of(email)

    def nothing_is_left_of(self, email: str) -> None:
        """Where people are named, this one is not."""
        named = self.watch.rows(
            "SELECT email FROM candidate WHERE organization_id = :org AND lower(email) = :email UNION ALL"
            " SELECT email FROM bulk_row WHERE organization_id = :org AND lower(email) = :email",
            org=self.org,
            email=email.lower(),
        )
        assert not named, "an erased person's address is still here"

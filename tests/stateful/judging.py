"""Steps of those who accompany and review: time, notes, decisions, overrides, scores, ratings."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.stateful.ground import some, staff
from tests.stateful.inviting import WEIGHTS
from tests.stateful.taking import Taking

DAY = 24 * 3600
rounds = st.lists(
    st.sampled_from(("override", "withdraw", "weigh", "weigh", "again", "work", "decide")), min_size=2, max_size=6
)


class Judging(Taking):
    """Accommodating, pausing, and everything that is said about an assessment."""

    @rule(who=staff, number=some, percent=st.sampled_from((0, 25, 100)), minutes=st.sampled_from((0, 5, 480)))
    @precondition(lambda self: self.held)
    def accommodate(self, who: str, number: int, percent: int, minutes: int) -> None:
        held = self.pick(number)
        (asked,) = self.watch.rows(
            "SELECT started_at + allowed_time * ((100 + :percent) / 100.0) + interval '1 minute' * :minutes"
            " + paused_time <= coalesce(paused_at, clock_timestamp()) AS over"
            " FROM attempt WHERE assessment_id = :id",
            percent=percent,
            minutes=minutes,
            id=held.id,
        )
        over = held.attempt == "submitted" or held.state in ("cancelled", "expired")
        reply = self.ask(
            who,
            "POST",
            f"{held.path}/accommodation",
            self.barred(who),
            over and (409, "attempt_over"),
            held.state == "in_progress" and bool(asked.over) and (409, "attempt_time_up"),
            audit=("attempt.accommodated", held.id),
            json={"percent": percent, "minutes": minutes, "reason": "A letter"},
        )
        if reply.status == 409:
            there = "in_progress" if reply.json["code"] == "attempt_time_up" else held.state
            assert reply.json["state"] == ("submitted" if held.attempt == "submitted" else there)

    @rule(who=staff, number=some)
    @precondition(lambda self: any(held.state == "in_progress" for held in self.held))
    def pause(self, who: str, number: int) -> None:
        held = self.pick(number)
        real = self.real(held)
        self.ask(
            who,
            "POST",
            f"{held.path}/pause",
            self.barred(who),
            held.attempt != "in_progress" and (409, "attempt_not_in_progress"),
            real.paused_at is not None and (409, "attempt_paused"),
            bool(real.overdue) and (409, "attempt_not_in_progress"),
            real.paused_time.total_seconds() >= DAY and (409, "pauses_used_up"),
            audit=("attempt.paused", held.id),
            json={"reason": "The fire alarm"},
        )

    @rule(who=staff, number=some)
    @precondition(lambda self: any(held.state == "in_progress" for held in self.held))
    def resume(self, who: str, number: int) -> None:
        held = self.pick(number)
        reply = self.ask(
            who,
            "POST",
            f"{held.path}/resume",
            self.barred(who),
            self.real(held).paused_at is None and (409, "attempt_not_paused"),
            audit=("attempt.resumed", held.id),
        )
        if reply.status == 409:
            assert reply.json["state"] == held.attempt

    # What is said

    @rule(who=staff, number=some)
    @precondition(lambda self: self.held)
    def note(self, who: str, number: int) -> None:
        held = self.pick(number)
        lines = self.audit_lines()
        body: dict[str, Any] = {"text": "Look here."}
        if held.attempt != "ready":
            body["event_seq"] = 1
        reply = self.tenant.call("POST", f"{held.path}/notes", token=self.people[who].token, json=body)
        self.answered(reply, 201, self.barred(who), f"{who} writes a note")
        new = [line for row, line in self.audit_lines().items() if row not in lines]
        if reply.status == 201:
            assert new == [(self.people[who].key, "note.added", reply.json["id"])]
            held.notes.append((reply.json["id"], who))
        else:
            assert new == []

    @rule(who=staff, number=some, delete=st.booleans())
    @precondition(lambda self: any(held.notes for held in self.held))
    def change_a_note(self, who: str, number: int, delete: bool) -> None:
        noted = [held for held in self.held if held.notes]
        held = noted[number % len(noted)]
        note_id, author = held.notes[-1]
        reply = self.ask(
            who,
            "DELETE" if delete else "PATCH",
            f"{held.path}/notes/{note_id}",
            self.barred(who),
            author != who and (403, "note_not_yours"),
            ok=204 if delete else 200,
            audit=("note.deleted" if delete else "note.edited", note_id),
            **({} if delete else {"json": {"text": "Look there."}}),
        )
        if reply.status == 204:
            held.notes.pop()

    @rule(who=staff, number=some, verdict=st.sampled_from(("advance", "reject", "hold")))
    @precondition(lambda self: self.held)
    def decide(self, who: str, number: int, verdict: str) -> None:
        held = self.pick(number)
        reply = self.ask(
            who,
            "POST",
            f"{held.path}/decision",
            self.barred(who),
            held.state in ("invited", "in_progress") and (409, "assessment_not_ended"),
            ok=201,
            audit=("assessment.decided", held.id),
            json={"verdict": verdict, "reason": "So."},
        )
        if reply.status == 201:
            held.decision = verdict

    @rule(who=staff, number=some, value=st.sampled_from((0, 33.35, 66.66, 100)))
    @precondition(lambda self: self.held)
    def override(self, who: str, number: int, value: float) -> None:
        held = self.pick(number)
        reply = self.ask(
            who,
            "POST",
            f"{held.path}/override",
            self.barred(who),
            held.state != "completed" and (409, "assessment_not_completed"),
            ok=201,
            audit=("score.overridden", held.id),
            json={"value": value, "reason": "So."},
        )
        if reply.status == 201:
            held.override = value
            assert self.real(held).score == round(value, 1)

    @rule(who=staff, number=some)
    @precondition(lambda self: self.held)
    def withdraw(self, who: str, number: int) -> None:
        held = self.pick(number)
        reply = self.ask(
            who,
            "DELETE",
            f"{held.path}/override",
            self.barred(who),
            held.override is None and (404, "override_not_found"),
            ok=204,
            audit=("score.override_withdrawn", held.id),
        )
        if reply.status == 204:
            held.override = None

    @rule(who=staff, number=some)
    @precondition(lambda self: self.held)
    def rescore(self, who: str, number: int) -> None:
        held = self.pick(number)
        reply = self.ask(
            who,
            "POST",
            f"{held.path}/rescore",
            self.barred(who),
            held.state != "completed" and (409, "assessment_not_completed"),
            held.scoring in ("pending", "running") and (409, "scoring_running"),
            ok=202,
            audit=("score.run_requested", held.id),
        )
        if reply.status == 202:
            held.scoring = "pending"
        elif reply.status == 409:
            assert reply.json["state"] in (held.state, held.scoring)

    @rule(who=staff, number=some, mix=st.sampled_from((*WEIGHTS, "balanced", "prompt_focused")))
    @precondition(lambda self: any(held.state == "completed" for held in self.held))
    def reweigh(self, who: str, number: int, mix: Any) -> None:
        held = self.pick(number)
        before = self.real(held)
        body = {"preset": mix} if isinstance(mix, str) else {"weights": mix}
        look = self.tenant.call("POST", f"{held.path}/score-preview", json=body)
        assert look.status == (200 if held.scores else 404), look.json
        same = look.status == 200 and look.json["weights_hash"] == before.weights_hash
        reply = self.ask(
            who,
            "POST",
            f"{held.path}/rescore",
            self.barred(who),
            held.scoring in ("pending", "running") and (409, "scoring_running"),
            not held.scores and (404, "score_not_found"),
            not same and look.status == 200 and look.json["value"] is None and (422, "weights_without_values"),
            ok=200,
            audit=None if same else ("score.reweighed", held.id),
            json=body,
        )
        if reply.status == 200:
            held.scores += not same
            score = reply.json["score"]
            assert (score["value"], score["coverage"]) == (look.json["value"], look.json["coverage"])
            assert self.real(held).preset == body.get("preset") or same

    @rule(number=some, acts=rounds)
    @precondition(lambda self: any(held.state == "completed" for held in self.held))
    def review(self, number: int, acts: list[str]) -> None:
        """A round of review at one place: what is said twice and taken back must add up."""
        done = [held for held in self.held if held.state == "completed"]
        place = self.held.index(done[number % len(done)])
        for turn, act in enumerate(acts):
            match act:
                case "override":
                    self.override("key", place, (0, 33.35, 66.66, 100)[(number + turn) % 4])
                case "withdraw":
                    self.withdraw("key", place)
                case "weigh":
                    self.reweigh("key", place, (*WEIGHTS, "balanced")[(number + turn) % 4])
                case "again":
                    self.rescore("key", place)
                case "work":
                    self.workers_work()
                case "decide":
                    self.decide("key", place, ("hold", "reject")[turn % 2])
            self.every_rule_holds()

    @rule(number=some, first=st.booleans(), then=st.booleans())
    @precondition(lambda self: any(held.state == "invited" for held in self.held))
    def nobody_comes(self, number: int, first: bool, then: bool) -> None:
        """An invitation expires, and may be given up or sent again."""
        waiting = [held for held in self.held if held.state == "invited"]
        place = self.held.index(waiting[number % len(waiting)])
        self.time_passes(60 * 24 * 16)
        self.the_dispatcher_looks()
        if first:
            self.decide("key", place, "reject")
        if then:
            self.resend("key", place, False, None)

    @rule(who=staff, number=some, value=st.sampled_from((0, 7.5, 10)), blind=st.booleans())
    @precondition(lambda self: self.held)
    def rate(self, who: str, number: int, value: float, blind: bool) -> None:
        held = self.pick(number)
        reply = self.ask(
            who,
            "POST",
            f"{held.path}/ratings",
            self.barred(who, key=False),
            held.state != "completed" and (409, "assessment_not_completed"),
            ok=201,
            audit=("attempt.rated", held.id),
            json={"dimension": "prompt_clarity", "value": value, "blind": blind},
        )
        if reply.status == 201:
            hidden = held.blind and held.decision not in ("advance", "reject")
            assert reply.json["blind"] == (blind and hidden)

    @rule(who=staff, number=some)
    @precondition(lambda self: self.held)
    def unblind(self, who: str, number: int) -> None:
        held = self.pick(number)
        reply = self.ask(
            who,
            "POST",
            f"{held.path}/unblind",
            self.barred(who, "owner", key=False),
            audit=("assessment.unblinded", held.id),
        )
        if reply.status == 200:
            assert reply.json["candidate"]["id"] == held.candidate_id

"""Steps of a candidate's session: coming in, working, handing in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.candidate import Candidate, Reply
from tests.stateful.ground import Held, Refusal, some
from tests.stateful.passing import Passing
from tests.stateful.providers import MOODS, in_mood

MESSAGES = ("Why does it fail?", "refuse this", "stop in the middle", "break")
stretches = st.lists(st.sampled_from(("chat", "run", "wait", "test", "look", "type", *MOODS)), min_size=1, max_size=5)


def begun(machine: Taking) -> bool:
    """Somebody's page has shown a workspace."""
    return any(window.epoch for held in machine.held for window in held.windows)


def may_work(machine: Taking) -> bool:
    """Somebody works, or may begin to."""
    return any(held.state in ("invited", "in_progress") for held in machine.held)


class Taking(Passing):
    """Everything that a candidate's page does."""

    def _window(self, held: Held, number: int) -> Candidate | None:
        return held.windows[number % len(held.windows)] if held.windows else None

    @rule(number=some)
    @precondition(lambda self: self.held)
    def open(self, number: int) -> None:
        held, window = self.pick(number), None
        real = self.real(held)
        window = Candidate(self.tenant.client, {"id": held.id})
        reply = self.say(
            window,
            lambda: window.open(invitation=held.link),
            held.state == "cancelled" and (410, "assessment_cancelled"),
            (held.state == "expired" or (held.state == "invited" and real.lapsed)) and (410, "assessment_expired"),
            ok=200,
        )
        if reply.status == 200:
            held.windows.append(window)

    @rule(number=some, which=some)
    @precondition(lambda self: any(held.windows for held in self.held))
    def come_back(self, number: int, which: int) -> None:
        """After a reload, by the key that the page kept."""
        held = self.pick(number)
        window = self._window(held, which)
        if window is None or not window.resume_key:
            return
        known = self.watch.rows("SELECT 1 FROM candidate_session WHERE assessment_id = :id", id=held.id)
        lapsed = held.state == "expired" or (held.state == "invited" and self.real(held).lapsed)
        self.say(
            window,
            lambda: window.open(resume_key=window.resume_key),
            not known and (401, "token_invalid"),
            held.state == "cancelled" and (410, "assessment_cancelled"),
            lapsed and (410, "assessment_expired"),
            ok=200,
        )

    @rule(number=some, which=some)
    @precondition(lambda self: any(held.windows for held in self.held))
    def start(self, number: int, which: int) -> None:
        held = self.pick(number)
        if window := self._window(held, which):
            self._start(held, window)

    def _start(self, held: Held, window: Candidate) -> None:
        real = self.real(held)
        reply = self.say(
            window,
            lambda: window.call("POST", "/start", json={"consent_version": window.session["consent_version"]}),
            held.state == "cancelled" and (410, "assessment_cancelled"),
            (held.state == "expired" or (held.state == "invited" and real.lapsed)) and (410, "assessment_expired"),
            held.attempt != "ready" and (409, "attempt_not_ready"),
            ok=200,
        )
        if reply.status == 200:
            held.state = "in_progress"
            window.refresh()
        elif reply.status == 409:
            assert reply.json["state"] == held.attempt

    @rule(number=some)
    @precondition(lambda self: any(held.state == "invited" for held in self.held))
    def come_in_and_start(self, number: int) -> None:
        """The way that most go, so that what comes after it is seen often."""
        waiting = [held for held in self.held if held.state == "invited"]
        held = waiting[number % len(waiting)]
        if not self.real(held).lapsed:
            window = Candidate(self.tenant.client, {"id": held.id})
            assert window.open(invitation=held.link).status == 200
            held.windows.append(window)
            self._start(held, window)

    def advance(self, stage: str, mood: str) -> None:
        if stage == "invited":
            return
        self.come_in_and_start(0)
        self.edit(0, 1, mood, in_time=True)
        if stage != "in_progress":
            self.submit(0, 1, 0)
        if stage == "scored":
            self.workers_work()

    # While it runs

    def _live(self, held: Held, window: Candidate, *, late: bool = False) -> tuple[Refusal | bool | None, ...]:
        """Why work is not taken, in the order in which it is looked at."""
        real = self.real(held)
        if late:
            over = held.attempt != "in_progress" and real.submitted_by != "deadline"
            return (
                real.paused_at is not None and (409, "attempt_paused"),
                (over or bool(real.too_late)) and (409, "attempt_not_in_progress"),
                window.epoch != real.writer_epoch and (409, "session_taken_over"),
            )
        return (
            held.attempt != "in_progress" and (409, "attempt_not_in_progress"),
            real.paused_at is not None and (409, "attempt_paused"),
            bool(real.overdue) and (409, "attempt_not_in_progress"),
        )

    def _at_work(self, number: int, which: int) -> tuple[Held, Candidate] | None:
        """Somebody whose page has shown the workspace."""
        places = [(held, window) for held in self.held for window in held.windows if window.epoch]
        if not places:
            return None
        open_ones = [place for place in places if place[0].state == "in_progress"] or places
        return (open_ones if which % 4 else places)[number % len(open_ones if which % 4 else places)]

    @rule(number=some, which=some, mood=st.sampled_from((None, None, *MOODS)), in_time=st.booleans())
    @precondition(begun)
    def edit(self, number: int, which: int, mood: str | None, in_time: bool) -> None:
        place = self._at_work(number, which)
        if place is None:
            return
        held, window = place
        real = self.real(held)
        path = window.editable
        text = in_mood(mood, window.files[path]) if mood else window.files[path] + "# x\n"
        sent_at = real.deadline - timedelta(seconds=1) if in_time and real.overdue else real.moment
        old, result = window.files[path], {**window.files, path: text}
        at = sent_at.isoformat()
        change = {"op": "edit", "at": at, "file": path, "from": 0, "to": len(old), "insert": text, "origin": "typed"}
        batch = window.batch(change, result=result, sent_at=at)
        refusals = self._live(held, window, late=True)
        written_late = bool(real.overdue) and sent_at > real.deadline
        # Two pages that opened alike count alike: under a number that is taken, other work is another window's.
        taken = self.watch.rows(
            "SELECT result_hash FROM edit_batch WHERE attempt_id = :id AND writer_epoch = :epoch AND client_seq = :seq",
            id=real.attempt_id,
            epoch=window.epoch,
            seq=batch["client_seq"],
        )
        self.say(
            window,
            lambda: window.save(batch, result),
            *refusals,
            bool(taken) and taken[0].result_hash != batch["result_hash"] and (409, "session_taken_over"),
            not taken and written_late and (409, "attempt_not_in_progress"),
            ok=200,
        )

    @rule(number=some, which=some)
    @precondition(begun)
    def second_window(self, number: int, which: int) -> None:
        place = self._at_work(number, which)
        if place is None:
            return
        held, first = place
        other = Candidate(self.tenant.client, {"id": held.id})
        other.bearer, other.session = first.bearer, first.session
        reply = self.say(other, other.take_over, *self._live(held, other), ok=200)
        if reply.status == 200:
            held.windows.append(other)

    def _ask(self, number: int, which: int, act: Callable[[Candidate], Reply], table: str, code: str) -> None:
        place = self._at_work(number, which)
        if place is None:
            return
        held, window = place
        real = self.real(held)
        busy = self.watch.rows(
            f"SELECT state FROM \"{table}\" WHERE attempt_id = :id AND state IN ('queued', 'running')",
            id=real.attempt_id,
        )
        taken_over = table == "turn" and window.epoch != real.writer_epoch
        reply = self.say(
            window,
            lambda: act(window),
            *self._live(held, window),
            taken_over and (409, "session_taken_over"),
            bool(busy) and (409, code),
            ok=202,
        )
        if reply.status == 409 and reply.json["code"] == code:
            assert reply.json["state"] == busy[0].state

    @rule(number=some, which=some, message=st.sampled_from(MESSAGES))
    @precondition(begun)
    def chat(self, number: int, which: int, message: str) -> None:
        self._ask(number, which, lambda window: window.ask(message), "turn", "turn_running")

    @rule(number=some, which=some, tests=st.booleans())
    @precondition(begun)
    def run(self, number: int, which: int, tests: bool) -> None:
        act = (lambda window: window.test()) if tests else (lambda window: window.run())
        self._ask(number, which, act, "execution", "execution_running")

    @rule(number=some, which=some)
    @precondition(begun)
    def stop_what_runs(self, number: int, which: int) -> None:
        place = self._at_work(number, which)
        if place is None:
            return
        held, window = place
        for table, name in (("turn", "turns"), ("execution", "executions")):
            for row in self.watch.rows(
                f'SELECT id FROM "{table}" WHERE attempt_id = :id ORDER BY id DESC LIMIT 1',
                id=self.real(held).attempt_id,
            ):
                self.say(window, lambda path=f"/{name}/{row.id}/cancel": window.call("POST", path), ok=200)  # type: ignore[misc]

    @rule(number=some, which=some, kinds=st.lists(st.sampled_from(("tab_switch", "focus")), min_size=1, max_size=3))
    @precondition(begun)
    def observe(self, number: int, which: int, kinds: list[str]) -> None:
        if place := self._at_work(number, which):
            _, window = place
            events = [{"kind": kind} for kind in kinds]
            self.say(window, lambda: window.observe(*events), ok=204)

    @rule(number=some, which=some, ahead=st.sampled_from((0, 0, 0, 1)))
    @precondition(begun)
    def submit(self, number: int, which: int, ahead: int) -> None:
        place = self._at_work(number, which)
        if place is None:
            return
        held, window = place
        real = self.real(held)
        running = held.attempt == "in_progress"
        saved = self.watch.rows(
            "SELECT coalesce(max(client_seq), 0) FROM edit_batch WHERE attempt_id = :id AND writer_epoch = :epoch",
            id=real.attempt_id,
            epoch=real.writer_epoch,
        )[0][0]
        window.seq += ahead
        reply = self.say(
            window,
            window.submit,
            running and window.epoch != real.writer_epoch and (409, "session_taken_over"),
            running and window.seq > saved and (409, "edits_missing"),
            real.paused_at is not None and (409, "attempt_paused"),
            not running and (409, "attempt_not_in_progress"),
            ok=200,
        )
        window.seq -= ahead
        if reply.status == 200:
            held.state, held.scoring = "completed", "pending"
            assert self.real(held).submitted_by == ("deadline" if real.overdue else "candidate")

    def _work(self, number: int, acts: list[str]) -> None:
        """A stretch of work at one place, as candidates do it: most sequences should have some."""
        if not any(held.state == "in_progress" for held in self.held):
            self.come_in_and_start(number)
        for act in acts:
            match act:
                case "chat":
                    self.chat(number, 1, MESSAGES[number % len(MESSAGES)])
                case "run" | "test":
                    self.run(number, 1, act == "test")
                case "wait":
                    self.workers_work()
                case "look":
                    self.observe(number, 1, ["tab_switch"])
                case mood:
                    self.edit(number, 1, mood if mood in MOODS else None, True)
            self.every_rule_holds()

    @precondition(may_work)
    @rule(number=some, acts=stretches)
    def work(self, number: int, acts: list[str]) -> None:
        self._work(number, acts)

    @precondition(may_work)
    @rule(number=some, acts=stretches)
    def work_on(self, number: int, acts: list[str]) -> None:
        self._work(number, acts)

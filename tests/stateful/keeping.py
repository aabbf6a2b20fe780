"""Steps of keeping house: tasks, colleagues, providers; and looking at it all."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.stateful.ground import ALL, some, staff
from tests.stateful.judging import Judging
from tests.tasks.conftest import SMALL_TASK

members = st.sampled_from(("owner", "recruiter", "viewer"))


class Keeping(Judging):
    """The whole machine."""

    # Tasks

    def _task(self, number: int) -> str:
        return list(self.tasks)[number % len(self.tasks)]

    @rule(who=staff, name=st.sampled_from(("b", "c")))
    def begin_a_task(self, who: str, name: str) -> None:
        slug = f"task-{name}"
        known = self.watch.rows("SELECT 1 FROM task WHERE organization_id = :org AND slug = :s", org=self.org, s=slug)
        lines = self.audit_lines()
        body = {**SMALL_TASK, "slug": slug}
        reply = self.tenant.call("POST", "/tasks", token=self.people[who].token, json=body)
        refusals = (self.barred(who), bool(known) and (409, "task_slug_taken"))
        self.answered(reply, 201, next((one for one in refusals if one), None), f"{who} begins a task")
        new = [line for row, line in self.audit_lines().items() if row not in lines]
        assert new == ([(self.people[who].key, "task.created", reply.json["id"])] if reply.status == 201 else [])
        if reply.status == 201:
            self.tasks[reply.json["id"]] = {"state": "draft", "revision": 1, "versions": 0}

    @rule(who=staff, number=some, back=st.booleans())
    @precondition(lambda self: self.tasks)
    def archive_or_not(self, who: str, number: int, back: bool) -> None:
        task_id = self._task(number)
        known = self.tasks[task_id]
        archived = known["state"] == "archived"
        reply = self.ask(
            who,
            "POST",
            f"/tasks/{task_id}/{'unarchive' if back else 'archive'}",
            self.barred(who),
            archived != back and (409, "task_not_archived" if back else "task_archived"),
            audit=("task.unarchived" if back else "task.archived", task_id),
        )
        if reply.status == 200:
            known["state"] = ("published" if known["versions"] else "draft") if back else "archived"
        elif reply.status == 409:
            assert reply.json["state"] == known["state"]

    @rule(who=staff, number=some, stale=st.sampled_from((0, 0, 0, 1)), title=st.sampled_from(("One", "Two")))
    @precondition(lambda self: self.tasks)
    def edit_a_draft(self, who: str, number: int, stale: int, title: str) -> None:
        task_id = self._task(number)
        known = self.tasks[task_id]
        slug = self.watch.rows("SELECT slug FROM task WHERE id = :id", id=task_id)[0].slug
        reply = self.ask(
            who,
            "PUT",
            f"/tasks/{task_id}/draft",
            self.barred(who),
            bool(stale) and (409, "draft_changed"),
            audit=("task.draft_saved", task_id),
            json={"revision": known["revision"] + stale, "content": {**SMALL_TASK, "slug": slug, "title": title}},
        )
        if reply.status == 200:
            known["revision"] += 1
            assert reply.json["revision"] == known["revision"]
        elif reply.status == 409:
            assert (reply.json["revision"], reply.json["state"]) == (known["revision"], known["state"])

    @rule(who=staff, number=some)
    @precondition(lambda self: self.tasks)
    def delete_a_task(self, who: str, number: int) -> None:
        task_id = self._task(number)
        used = any(held.task_id == task_id for held in self.held)
        reply = self.ask(
            who,
            "DELETE",
            f"/tasks/{task_id}",
            self.barred(who),
            used and (409, "task_in_use"),
            ok=204,
            audit=("task.deleted", task_id),
        )
        if reply.status == 204:
            del self.tasks[task_id]

    # People and providers

    def _another_owner(self, but: str) -> bool:
        return any(one.role == "owner" and one.active for name, one in self.people.items() if name not in (but, "key"))

    @rule(who=staff, whom=members, role=st.sampled_from(("owner", "recruiter", "viewer")))
    def change_a_role(self, who: str, whom: str, role: str) -> None:
        person = self.people[whom]
        last = person.role == "owner" != role and person.active and not self._another_owner(whom)
        reply = self.ask(
            who,
            "PATCH",
            f"/users/{person.user_id}",
            self.barred(who, "owner", key=False),
            last and (409, "last_owner"),
            audit=None if role == person.role else ("user.role_changed", str(person.user_id)),
            json={"role": role},
        )
        if reply.status == 200:
            person.role = role

    @rule(who=staff, whom=members)
    def deactivate(self, who: str, whom: str) -> None:
        person = self.people[whom]
        last = person.role == "owner" and person.active and not self._another_owner(whom)
        reply = self.ask(
            who,
            "POST",
            f"/users/{person.user_id}/deactivate",
            self.barred(who, "owner", key=False),
            last and (409, "last_owner"),
            not person.active and (409, "already_deactivated"),
            audit=("user.deactivated", str(person.user_id)),
        )
        if reply.status == 200:
            person.active = False

    @rule(who=staff, whom=members)
    def reactivate(self, who: str, whom: str) -> None:
        person = self.people[whom]
        reply = self.ask(
            who,
            "POST",
            f"/users/{person.user_id}/reactivate",
            self.barred(who, "owner", key=False),
            person.active and (409, "already_active"),
            audit=("user.reactivated", str(person.user_id)),
        )
        if reply.status == 200:
            person.active = True
            self.ask(whom, "GET", "/assessments", (401, "session_ended"))
            self.sign_in(person)

    @rule(
        who=staff,
        provider=st.sampled_from(
            (
                ("sandboxes", "quick"),
                ("assistants", "moody"),
                ("assistants", "offline"),
                ("signal_evaluators", "heuristics"),
            )
        ),
        used=st.booleans(),
    )
    def choose_a_provider(self, who: str, provider: tuple[str, str], used: bool) -> None:
        kind, name = provider
        lines, person = self.audit_lines(), self.people[who]
        path = f"/plugins/{kind}/{name}"
        chosen = {row.name for row in self._chosen(kind)}
        reply = self.tenant.call("PATCH", path, token=person.token, json={"used": used})
        self.answered(reply, 200, self.barred(who, "owner", key=False), f"{who} chooses {name}")
        new = [line[1] for row, line in self.audit_lines().items() if row not in lines]
        if reply.status != 200:
            assert new == []
            return
        assert new == ["provider.used" if used else "provider.not_used"]
        if kind != "signal_evaluators":
            settings = self.tenant.resources.settings
            usual = {"assistants": settings.assistant, "sandboxes": settings.sandbox}.get(kind)
            was_used = name in (chosen or {usual})
            wanted = {name} if used else {"none"} if was_used else chosen
            assert {row.name for row in self._chosen(kind)} == wanted, "only what was used makes room, and for nobody"

    def _chosen(self, kind: str) -> list[Any]:
        return self.watch.rows(
            "SELECT name FROM provider_choice WHERE organization_id = :org AND kind = :kind AND chosen",
            org=self.org,
            kind=kind,
        )

    # Looking

    @rule(
        who=st.sampled_from(ALL),
        state=st.sampled_from((None, "invited", "in_progress", "completed", "expired")),
        q=st.sampled_from((None, "ada", "GRACE", "example.com", "öberg", "b", "nobody")),
        sort=st.sampled_from(("newest", "score")),
        limit=st.sampled_from((1, 2, 50)),
    )
    def look_at_the_list(self, who: str, state: str | None, q: str | None, sort: str, limit: int) -> None:
        """Page by page, as the rows say, each once."""
        wanted = {"state": state, "q": q, "sort": sort, "limit": limit}
        query: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
        shown: list[dict[str, Any]] = []
        while True:
            barred = self.barred(who, "owner", "recruiter", "viewer")
            reply = self.ask(who, "GET", "/assessments", barred, query_string=query)
            if barred:
                return
            shown += reply.json["data"]
            if not reply.json["next_cursor"]:
                break
            query["cursor"] = reply.json["next_cursor"]
        rows = self.watch.rows(
            "SELECT s.*, c.full_name, c.email FROM assessment s JOIN candidate c ON c.id = s.candidate_id"
            " WHERE s.organization_id = :org ORDER BY s.created_at DESC, s.id DESC",
            org=self.org,
        )
        if sort == "score":
            rows = sorted((row for row in rows if row.score is not None), key=lambda row: (-row.score, -row.id.int))
        found = [row for row in rows if (state is None or row.state == state) and self._is_found(row, q)]
        assert [one["id"] for one in shown] == [str(row.id) for row in found]
        for one, row in zip(shown, found, strict=True):
            assert (one["state"], one["score"], one["decision"]) == (row.state, row.score, row.decision)
            blind = row.blind_review and row.decision not in ("advance", "reject")
            assert one["candidate"]["full_name"] == (None if blind else row.full_name)

    @staticmethod
    def _is_found(row: Any, q: str | None) -> bool:
        if q is None:
            return True
        told = f"{row.full_name} {row.email}".lower()
        if row.blind_review and row.decision not in ("advance", "reject"):
            # Found by what it is called meanwhile, or a search would tell who it is.
            told = f"candidate {row.public_id[:6]}".lower()
        if len(q) < 3:
            return any(word.startswith(q.lower()) for word in told.replace("@", " ").replace(".", " ").split())
        return q.lower() in told

    @rule(who=st.sampled_from(ALL), number=some)
    @precondition(lambda self: self.held)
    def look_at_one(self, who: str, number: int) -> None:
        held = self.pick(number)
        anybody = ("owner", "recruiter", "viewer")
        seen = self.ask(who, "GET", held.path, self.barred(who, *anybody))
        for part in ("scores", "timeline", "notes", "ratings", "prompts", "likeness"):
            self.ask(who, "GET", f"{held.path}/{part}", self.barred(who, *anybody))
        if seen.status == 200:
            real = self.real(held)
            assert (seen.json["state"], seen.json["scoring_state"]) == (held.state, held.scoring)
            assert (seen.json["score"], seen.json["overridden"]) == (real.score, held.override is not None)

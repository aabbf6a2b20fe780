"""Saving work: in order, exactly once, by one window, and never silently different from what the candidate sees."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from tali.assessments.models import Attempt
from tali.kernel.clock import now
from tali.workspace.models import Checkpoint, EditBatch, TimelineEvent
from tests.candidate import workspace_hash


def rows(tenant, model, **filters):
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        query = select(model).filter_by(**filters).order_by(model.created_at)
        return session.execute(query).scalars().all()


def move_deadline(tenant, assessment, delta: timedelta) -> None:
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(Attempt).where(Attempt.assessment_id == assessment["id"]).values(deadline=now() + delta))


def test_what_is_acknowledged_is_there_after_a_reload(tenant) -> None:
    candidate = tenant.candidate()
    assert candidate.type("# first 🦉\n").status == 200
    assert candidate.type("# second\n").status == 200
    expected = dict(candidate.files)
    candidate.refresh()
    assert candidate.files == expected
    assert candidate.session["workspace"]["hash"] == workspace_hash(expected)


def test_resending_an_accepted_batch_changes_nothing(tenant) -> None:
    candidate = tenant.candidate()
    path = candidate.editable
    result = {**candidate.files, path: "x" + candidate.files[path]}
    batch = candidate.batch({"op": "edit", "file": path, "from": 0, "to": 0, "insert": "x"}, result=result)
    first = candidate.call("POST", "/workspace", json={"batches": [batch]})
    again = candidate.call("POST", "/workspace", json={"batches": [batch, batch]})
    assert (first.status, again.status) == (200, 200)
    assert again.json["hash"] == first.json["hash"]
    assert len(rows(tenant, EditBatch)) == 1


def test_a_gap_is_told_with_the_place_to_go_on_from(tenant) -> None:
    candidate = tenant.candidate()
    candidate.type("a")
    path = candidate.editable
    result = {**candidate.files, path: "b" + candidate.files[path]}
    edit = {"op": "edit", "file": path, "from": 0, "to": 0, "insert": "b"}
    answer = candidate.save(candidate.batch(edit, result=result, client_seq=3), result)
    assert answer.status == 409
    assert answer.json["code"] == "workspace_diverged"
    assert answer.json["accepted_seq"] == 1
    assert candidate.save(candidate.batch(edit, result=result), result).status == 200


def test_a_divergence_is_recorded_and_mended_by_a_snapshot(tenant) -> None:
    candidate = tenant.candidate()
    path = candidate.editable
    edit = {"op": "edit", "file": path, "from": 0, "to": 0, "insert": "x"}
    wrong = candidate.batch(edit, result=candidate.files)
    answer = candidate.call("POST", "/workspace", json={"batches": [wrong]})
    assert (answer.status, answer.json["code"]) == (409, "workspace_diverged")
    assert answer.json["expected_hash"] == workspace_hash(candidate.files)
    mine = {**candidate.files, path: "# mine\n", "new.py": "y = 1\n"}
    snapshot = {"writer_epoch": candidate.epoch, "client_seq": 1, "result_hash": workspace_hash(mine), "files": mine}
    mended = candidate.call("POST", "/workspace/snapshot", json=snapshot)
    assert (mended.status, mended.json["hash"]) == (200, workspace_hash(mine))
    kinds = [event.kind for event in rows(tenant, TimelineEvent)]
    assert kinds == ["start", "workspace_diverged", "snapshot"]
    assert [checkpoint.files for checkpoint in rows(tenant, Checkpoint)][-1] == mine


def test_what_came_before_a_bad_batch_is_kept(tenant) -> None:
    candidate = tenant.candidate()
    path = candidate.editable
    good_result = {**candidate.files, path: "g" + candidate.files[path]}
    good = candidate.batch({"op": "edit", "file": path, "from": 0, "to": 0, "insert": "g"}, result=good_result)
    bad = {**good, "client_seq": 2, "base_hash": "00000000"}
    answer = candidate.call("POST", "/workspace", json={"batches": [good, bad]})
    assert (answer.status, answer.json["accepted_seq"]) == (409, 1)
    candidate.refresh()
    assert candidate.files == good_result


def test_a_second_window_takes_over_and_the_first_is_told(tenant) -> None:
    first = tenant.candidate()
    first.type("# from the first window\n")
    second = tenant.candidate(first.assessment, start=False)
    assert second.take_over().status == 200
    assert second.files == first.files
    refused = first.type("# too late\n")
    assert (refused.status, refused.json["code"]) == (409, "session_taken_over")
    assert second.type("# from the second window\n").status == 200
    assert "too late" not in second.refresh()["workspace"]["files"][0]["content"]


def test_edits_written_after_the_deadline_are_refused(tenant) -> None:
    candidate = tenant.candidate()
    move_deadline(tenant, candidate.assessment, timedelta(seconds=-5))
    refused = candidate.type("late")
    assert (refused.status, refused.json["code"]) == (409, "attempt_not_in_progress")


def test_edits_a_minute_after_the_deadline_are_refused_whenever_they_were_written(tenant) -> None:
    candidate = tenant.candidate()
    move_deadline(tenant, candidate.assessment, timedelta(seconds=-61))
    path = candidate.editable
    result = {**candidate.files, path: "z" + candidate.files[path]}
    edit = {"op": "edit", "file": path, "from": 0, "to": 0, "insert": "z"}
    early = (now() - timedelta(minutes=5)).isoformat()
    assert candidate.save(candidate.batch(edit, result=result, sent_at=early), result).status == 409


def test_nothing_can_be_written_before_the_start(tenant) -> None:
    candidate = tenant.candidate(start=False)
    candidate.files, candidate.epoch = {"a.py": ""}, 1
    batch = candidate.batch({"op": "create", "file": "b.py"}, result={"a.py": "", "b.py": ""})
    answer = candidate.call("POST", "/workspace", json={"batches": [batch]})
    assert (answer.status, answer.json["code"], answer.json["state"]) == (409, "attempt_not_in_progress", "ready")


def test_the_brief_and_the_files_show_only_once_the_clock_runs(tenant) -> None:
    candidate = tenant.candidate(start=False)
    assert candidate.session["task"]["brief"] is None
    assert candidate.session["workspace"] is None
    candidate.start()
    assert candidate.session["task"]["brief"]
    assert candidate.session["workspace"]["files"]


def test_hidden_tests_and_the_reference_never_reach_the_candidate(tenant) -> None:
    from tali.tasks.folder import library, load
    from tests.conftest import LIBRARY_TASK

    content = load(library()[LIBRARY_TASK])
    candidate = tenant.candidate()
    seen = candidate.call("GET", "").body.decode()
    for secret in (*content.hidden_tests.values(), *content.reference_files.values()):
        line = max(secret.splitlines(), key=len)
        assert line not in seen or any(line in text for text in content.starter_files.values())


def test_a_limit_is_a_clear_refusal_and_no_divergence(tenant) -> None:
    candidate = tenant.candidate()
    refused = candidate.write("big.txt", "x" * (256 * 1024) + "y")
    assert refused.status == 422
    assert candidate.write("fits.txt", "x" * 1000).status == 200
    readonly = next(f["path"] for f in candidate.session["workspace"]["files"] if f["readonly"])
    result = {**candidate.files, readonly: ""}
    edit = {"op": "edit", "file": readonly, "from": 0, "to": len(candidate.files[readonly]), "insert": ""}
    answer = candidate.save(candidate.batch(edit, result=result), result)
    assert (answer.status, answer.json["code"]) == (422, "workspace_limit")
    assert "workspace_diverged" not in [event.kind for event in rows(tenant, TimelineEvent)]


def test_a_workspace_has_a_total_limit(tenant) -> None:
    candidate = tenant.candidate()
    answers = [candidate.write(f"f{number}.txt", "x" * 260_000) for number in range(9)]
    assert [answer.status for answer in answers] == [200] * 8 + [422]
    assert answers[-1].json["code"] == "workspace_limit"


def test_the_same_number_with_other_work_is_not_acknowledged(tenant) -> None:
    first = tenant.candidate()
    second = tenant.candidate(first.assessment, start=False)
    assert first.type("# first\n").status == 200
    refused = second.type("# second, under the same number\n")
    assert (refused.status, refused.json["code"]) == (409, "session_taken_over")


def test_a_snapshot_cannot_hold_a_file_and_a_folder_of_one_name(tenant) -> None:
    candidate = tenant.candidate()
    mine = {**candidate.files, "zz": "", "zz/b.py": ""}
    snapshot = {"writer_epoch": candidate.epoch, "client_seq": 1, "result_hash": workspace_hash(mine), "files": mine}
    answer = candidate.call("POST", "/workspace/snapshot", json=snapshot)
    assert (answer.status, answer.json["code"]) == (422, "snapshot_invalid")


def diverging(candidate, text: str, *, at: timedelta = timedelta(0)) -> tuple[dict, dict]:
    """A batch that was made on other files than the server's, and the snapshot that a client sends when it is told."""
    path = candidate.editable
    files = {**candidate.files, path: f"{text}# what the server never got\n{candidate.files[path]}"}
    edit = {"op": "edit", "file": path, "from": 0, "to": 0, "insert": text, "at": (now() + at).isoformat()}
    batch = candidate.batch(edit, result=files, base_hash="00000000")
    early = (now() - timedelta(minutes=5)).isoformat()
    return batch, {
        "writer_epoch": candidate.epoch,
        "client_seq": 1,
        "result_hash": batch["result_hash"],
        "files": files,
        "sent_at": early,
    }


def snapshot_status(candidate, snapshot: dict) -> tuple[int, str | None]:
    answer = candidate.call("POST", "/workspace/snapshot", json=snapshot)
    return answer.status, answer.json.get("code")


REFUSED = (409, "attempt_not_in_progress")


def test_a_snapshot_after_the_deadline_is_not_taken_by_what_it_says_of_its_time(tenant) -> None:
    candidate = tenant.candidate()
    _, snapshot = diverging(candidate, "# late\n")
    move_deadline(tenant, candidate.assessment, timedelta(seconds=-5))
    assert snapshot_status(candidate, snapshot) == REFUSED
    assert snapshot_status(candidate, {**snapshot, "sent_at": None}) == REFUSED
    assert candidate.refresh()["workspace"]["last_seq"] == 0


def test_a_snapshot_after_the_deadline_is_taken_when_it_is_what_came_before_it_ended_in(tenant) -> None:
    candidate = tenant.candidate()
    batch, snapshot = diverging(candidate, "# in time\n")
    told = candidate.call("POST", "/workspace", json={"batches": [batch]})
    assert told.json["code"] == "workspace_diverged"
    move_deadline(tenant, candidate.assessment, timedelta(seconds=-5))
    more = {path: text + "# one more\n" for path, text in snapshot["files"].items()}
    assert snapshot_status(candidate, {**snapshot, "files": more}) == REFUSED
    late = (now() + timedelta(seconds=1)).isoformat()
    assert snapshot_status(candidate, {**snapshot, "sent_at": late}) == (200, None)
    assert [batch.late for batch in rows(tenant, EditBatch)] == [True]
    candidate.refresh()
    assert candidate.files == snapshot["files"]


def test_edits_on_their_way_at_the_deadline_announce_what_was_written_in_time_alone(tenant) -> None:
    candidate = tenant.candidate()
    in_time, snapshot = diverging(candidate, "# in time\n", at=timedelta(seconds=-8))
    late, afterwards = diverging(candidate, "# late\n")
    late["client_seq"] = 2
    move_deadline(tenant, candidate.assessment, timedelta(seconds=-3))
    told = candidate.call("POST", "/workspace", json={"batches": [in_time, late]})
    assert told.json["code"] == "workspace_diverged"
    assert snapshot_status(candidate, afterwards) == REFUSED
    assert snapshot_status(candidate, snapshot) == (200, None)


def test_submitting_waits_for_what_was_written(tenant) -> None:
    candidate = tenant.candidate()
    candidate.type("# one\n")
    candidate.seq = 2  # a batch that is still on its way
    refused = candidate.submit()
    assert (refused.status, refused.json["code"], refused.json["accepted_seq"]) == (409, "edits_missing", 1)
    candidate.seq = 1
    assert candidate.submit().status == 200


def test_a_submit_after_the_deadline_counts_as_the_deadlines(tenant) -> None:
    candidate = tenant.candidate()
    move_deadline(tenant, candidate.assessment, timedelta(seconds=-5))
    submitted = candidate.submit().json["attempt"]
    assert (submitted["submitted_by"], submitted["submitted_at"]) == ("deadline", submitted["deadline"])


def test_a_path_deeper_than_a_sandbox_takes_is_refused_before_it_can_spoil_a_run(tenant) -> None:
    candidate = tenant.candidate()
    assert candidate.write("/".join("abcdefghijkl") + "m.py", "").status == 200
    too_deep = candidate.write("/".join("abcdefghijklm") + ".py", "")
    assert (too_deep.status, too_deep.json["code"]) == (422, "validation_failed")
    assert "folders deep" in str(too_deep.json["errors"])


def test_what_was_written_in_time_is_taken_though_it_was_sent_after_the_deadline(tenant) -> None:
    candidate = tenant.candidate()
    move_deadline(tenant, candidate.assessment, timedelta(seconds=-2))
    path, text = candidate.editable, candidate.files[candidate.editable]
    in_time = (now() - timedelta(seconds=8)).isoformat()
    edit = {"op": "edit", "file": path, "from": 0, "to": 0, "insert": "# in time\n", "at": in_time}
    batch = candidate.batch(edit, result={**candidate.files, path: "# in time\n" + text})
    assert candidate.call("POST", "/workspace", json={"batches": [batch]}).status == 200
    assert [batch.late for batch in rows(tenant, EditBatch)] == [True]

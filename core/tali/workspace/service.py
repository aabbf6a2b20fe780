"""A candidate's session: what the page shows, and the moves that change it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Literal
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from sqlalchemy import DateTime, func, select
from sqlalchemy.orm import Session

from tali.assessments import deadlines
from tali.assessments import service as assessments
from tali.assessments.models import Assessment, Attempt
from tali.candidates.models import Candidate
from tali.grading.languages import language_of
from tali.jobs.resources import Resources
from tali.kernel.actors import CandidateActor
from tali.kernel.clock import isoformat
from tali.kernel.database import after_commit, database_now
from tali.kernel.errors import TooManyRequests
from tali.kernel.rate_limit import hit
from tali.kernel.valkey import CancelFlag
from tali.organizations.models import Organization
from tali.plugins import Kind, ProviderUnknown
from tali.tasks import service as tasks
from tali.tasks.content import TaskContent
from tali.workspace import calibrations, edits, executions, files, time, turns
from tali.workspace.models import ExecutionRecord, Turn
from tali.workspace.timeline import lock_attempt, lock_live, lock_to_observe, record
from tali.workspace.turns import MAX_MESSAGE
from tali.workspace.work import UNFINISHED, subject

log = structlog.get_logger(__name__)
CONSENT_VERSION = "2026-11"
MAX_STDIN = 65_536
MAX_BATCH_EDITS = 500
MAX_EVENTS = 50_000
Written = Literal["saves", "events", "messages", "runs", "takeovers"]
WRITES: dict[Written, tuple[int, int]] = {
    "saves": (240, 10),
    "events": (60, 10),
    "messages": (60, 60),
    "runs": (60, 60),
    "takeovers": (20, 60),
}
"""Requests that one attempt may send in so many seconds. The candidate app sends about one save a second."""
RECORDED = (
    ("Your code as you write it", "So that a reviewer can see how the solution came about, not just its end."),
    (
        "Your conversation with the assistant",
        "How you work with it is what this assessment is about. Using it is welcome.",
    ),
    ("Runs of your program and of the tests", "They show how you check your work."),
    ("What you paste and copy here", "Kept as facts with their times. They never change your score by themselves."),
)
READ_BY = (
    "Who reads it",
    "The people who review it. A model may read it too, with your name taken out where you wrote it, and suggest "
    "values by a written rubric; people decide.",
)
CALIBRATION_RECORDED = (
    "The warm-up, if you take it",
    "It is kept apart from your work. Reviewers can read it, and a model may judge it; it never changes your score.",
)
ATTENTION_RECORDED = (
    "When this page loses focus, and tab switches",
    "This assessment is proctored. Kept as facts with their times; they never change your score by themselves.",
)
ATTENTION = ("focus", "tab_switch")
"""Events that are recorded only where the assessment is proctored, and the candidate was told so."""
SANDBOX_STATE_KEY = "sandbox-state:"


def starter_files(content: TaskContent) -> tuple[dict[str, str], frozenset[str]]:
    """The workspace at the start: starter files, and the visible tests where the runner looks for them, read-only."""
    folder = language_of(content.languages).test.folder
    visible = {f"{folder}/{path}": text for path, text in content.visible_tests.items()}
    return {**content.starter_files, **visible}, frozenset({*content.readonly, *visible})


def start(
    session: Session, actor: CandidateActor, consent_version: str, resources: Resources, moment: datetime
) -> None:
    """Start the clock and lay out the workspace. The warm-up is over with it.

    Raises:
        Conflict: `attempt_not_ready`, with the state.
        Gone: `assessment_cancelled`, `assessment_expired`.
    """
    attempt = assessments.start(session, actor, consent_version, moment)
    attempt.held_under = _held_under(resources, attempt)
    content = tasks.attempt_content(session, attempt.task_version_id, attempt.variant_seed)
    starter, readonly = starter_files(content)
    files.seed(session, attempt, starter, readonly)
    record(session, attempt, "start", moment, {"consent_version": consent_version})
    calibrations.close(session, resources, attempt.id)


def _held_under(resources: Resources, attempt: Attempt) -> dict[str, Any]:
    """Whose code serves this session, by version. Models join as replies name them."""
    plugins = {plugin.name: plugin for plugin in resources.plugins.plugins()}
    held: dict[str, Any] = {}
    served: tuple[tuple[Kind, str], ...] = (("assistants", attempt.assistant), ("sandboxes", attempt.sandbox))
    for kind, name in served:
        try:
            provider = resources.plugins.provider(kind, name)
        except ProviderUnknown:
            continue
        plugin = plugins.get(provider.plugin)
        if plugin is not None:
            held[kind] = {"provider": name, "plugin": plugin.name, "version": plugin.version}
        if kind == "assistants":
            held["assistant_is_ai"] = "not_an_ai" not in provider.spec.capabilities
    return held


def clock(session: Session, actor: CandidateActor) -> dict[str, Any]:
    """How the time of an attempt stands."""
    attempt, moment = session.execute(
        select(Attempt, func.clock_timestamp(type_=DateTime(timezone=True))).where(Attempt.id == actor.attempt_id)
    ).one()
    return time.clock(attempt, moment)


def take_over(session: Session, attempt_id: UUID) -> None:
    """Make the asking window the one that writes; the one before is told at its next write.

    Raises:
        Conflict: `attempt_not_in_progress`, with the state.
    """
    attempt, moment = lock_live(session, attempt_id)
    attempt.writer_epoch += 1
    record(session, attempt, "takeover", moment, {"writer_epoch": attempt.writer_epoch})


def observe(session: Session, attempt_id: UUID, observed: list[dict[str, Any]]) -> None:
    """Record what the browser reported: pastes and copies, and of a proctored assessment focus and tab switches.

    Before the start nothing is kept, nor while the clock stands still: whoever is made to wait may go away.
    """
    attempt, moment = lock_to_observe(session, attempt_id)
    if attempt.state != "in_progress" or attempt.paused_at is not None:
        return
    if not _proctored(session, attempt):
        observed = [event for event in observed if event["kind"] not in ATTENTION]
    if not observed:
        return
    if attempt.last_event_seq > MAX_EVENTS:
        # Past any honest session: count, and keep no more rows.
        attempt.tab_switch_count += sum(event["kind"] == "tab_switch" for event in observed)
        return
    newest = max(event["at"] for event in observed)
    for event in observed:
        # The browser's clock may be wrong, but how long before the newest of them something happened holds.
        happened = max(moment - (newest - event["at"]), attempt.started_at or moment)
        record(session, attempt, event["kind"], happened, {**event["data"], "client_at": isoformat(event["at"])})
        if event["kind"] == "tab_switch":
            attempt.tab_switch_count += 1


def _proctored(session: Session, attempt: Attempt) -> bool:
    """Whether attention is watched; frozen since the start."""
    return session.execute(select(Assessment.proctored).where(Assessment.id == attempt.assessment_id)).scalar_one()


def spare(
    resources: Resources, actor: CandidateActor, what: Literal["saves", "events", "messages", "runs", "takeovers"]
) -> None:
    """Keep one attempt from asking faster than any person and any browser do: each request locks and adds rows.

    Raises:
        TooManyRequests: `too_many_writes`; the candidate app keeps what it has and sends it a little later.
    """
    limit, seconds = WRITES[what]
    try:
        hit(resources.valkey, f"session-{what}", str(actor.attempt_id), limit, seconds)
    except TooManyRequests as full:
        raise TooManyRequests(
            "too_many_writes",
            "This came faster than we take it. Wait a moment and send it again.",
            full.retry_after or 1,
        ) from None


def submit(session: Session, actor: CandidateActor, sent: Mapping[str, Any], resources: Resources) -> dict[str, Any]:
    """Hand in, once, with everything that was written. What still runs is stopped: it is not part of the work.

    Answers the end alone: what an idempotent answer stores must not be the whole session.

    Raises:
        Conflict: `attempt_not_in_progress`, with the state; `session_taken_over`; `edits_missing`; `attempt_paused`.
    """
    attempt = lock_attempt(session, actor.attempt_id)
    moment = database_now(session)
    if attempt.state == "in_progress":
        files.require_saved(session, attempt, sent["writer_epoch"], sent["client_seq"])
    if attempt.paused_at is not None:
        raise assessments.paused()
    if attempt.state == "in_progress" and attempt.deadline is not None and moment > attempt.deadline:
        # The dispatcher would have said so a second later: time is the server's.
        attempt = assessments.submit_at_deadline(session, attempt)
    else:
        attempt = assessments.submit(session, attempt, moment, by="candidate")
    if _proctored(session, attempt):
        attempt.client_tab_switch_count = sent["tab_switch_count"]
    record(session, attempt, "submit", moment, {"by": attempt.submitted_by})
    for kind in (Turn, ExecutionRecord):
        running = select(kind.id).where(kind.attempt_id == attempt.id, kind.state.in_(UNFINISHED))
        for work_id in session.execute(running).scalars():
            after_commit(session, partial(_stop, resources, subject(kind, work_id)))
    return {"server_time": moment, "state": "completed", "attempt": _attempt(attempt)}


def _stop(resources: Resources, name: str) -> None:
    try:
        CancelFlag(resources.valkey, name).raise_flag()
    except RedisError:
        log.warning("could not ask to stop", work=name)


def view(session: Session, actor: CandidateActor, resources: Resources) -> dict[str, Any]:
    """Everything the candidate's page needs, in one answer and a fixed number of queries."""
    row = session.execute(
        select(
            Attempt,
            Assessment,
            Candidate.full_name,
            Organization.name,
            func.clock_timestamp(type_=DateTime(timezone=True)),
        )
        .join(Assessment, Assessment.id == Attempt.assessment_id)
        .join(Candidate, Candidate.id == Assessment.candidate_id)
        .join(Organization, Organization.id == Attempt.organization_id)
        .where(Attempt.id == actor.attempt_id)
        .execution_options(populate_existing=True)
    ).one()
    attempt, assessment, candidate_name, organization_name, moment = row
    content = tasks.attempt_content(session, attempt.task_version_id, attempt.variant_seed)
    started = attempt.state != "ready"
    shown, earlier = turns.page(session, attempt.id) if started else ([], False)
    language = language_of(content.languages)
    # Without an assistant there is nobody to warm up with.
    warm_up = (
        calibrations.view(session, attempt, assessment, content) if _is_offered(resources, attempt.assistant) else None
    )
    return {
        "server_time": moment,
        "organization": {"name": organization_name},
        "candidate": {"full_name": candidate_name},
        "assessment": {
            "public_id": assessment.public_id,
            "state": assessment.state,
            "expires_at": assessment.expires_at,
            "proctored": assessment.proctored,
        },
        "task": {
            "title": content.title,
            "summary": content.summary,
            "kind": content.kind,
            "languages": list(content.languages),
            "duration_seconds": int(deadlines.allowed(attempt).total_seconds()),
            "help_level": attempt.help_level,
            # The brief is part of the task: it shows when the clock runs.
            "brief": content.brief if started else None,
        },
        "calibration": warm_up,
        "attempt": _attempt(attempt),
        "recorded": [
            {"what": what, "why": why}
            for what, why in (
                *RECORDED,
                *((CALIBRATION_RECORDED,) if warm_up else ()),
                *((ATTENTION_RECORDED,) if assessment.proctored else ()),
                READ_BY,
            )
        ],
        "consent_version": CONSENT_VERSION,
        "assistant": _assistant(resources, attempt.assistant),
        "sandbox": sandbox_state(resources, attempt.sandbox),
        "run": {
            "entry": content.entry,
            "command_label": " ".join([*language.run_argv[:1], content.entry]),
            "files_hint": ", ".join(language.suffixes),
            "tests": bool(content.visible_tests),
        },
        "workspace": _workspace(session, attempt) if started else None,
        "turns": [turns.present(turn) for turn in shown],
        "earlier_turns": earlier,
        "executions": [executions.present(run) for run in executions.latest(session, attempt.id)] if started else [],
        "limits": {
            "message_chars": MAX_MESSAGE,
            "file_bytes": edits.MAX_FILE_BYTES,
            "files": edits.MAX_FILES,
            "batch_edits": MAX_BATCH_EDITS,
            "stdin_bytes": MAX_STDIN,
        },
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "state": attempt.state,
        "started_at": attempt.started_at,
        "deadline": attempt.deadline,
        "paused_at": attempt.paused_at,
        "submitted_at": attempt.submitted_at,
        "submitted_by": attempt.submitted_by,
    }


def _workspace(session: Session, attempt: Attempt) -> Mapping[str, Any]:
    rows = files.load(session, attempt.id)
    return {
        "writer_epoch": attempt.writer_epoch,
        "last_seq": files.last_client_seq(session, attempt.id, attempt.writer_epoch),
        "hash": edits.workspace_hash({row.path: row.checksum for row in rows}),
        "files": [{"path": row.path, "content": row.content, "readonly": row.readonly} for row in rows],
    }


def _is_offered(resources: Resources, assistant: str) -> bool:
    try:
        resources.plugins.provider("assistants", assistant)
    except ProviderUnknown:
        return False
    return True


def _assistant(resources: Resources, name: str) -> dict[str, Any]:
    """From the plugin's declaration alone: a web process makes no instance and imports no vendor's SDK."""
    try:
        spec = resources.plugins.provider("assistants", name).spec
    except ProviderUnknown:
        notice = "The assistant of this assessment is not available at the moment. You can work without it."
        return {"name": name, "is_ai": False, "notice": notice}
    return {"name": spec.title, "is_ai": "not_an_ai" not in spec.capabilities, "notice": spec.notice}


def sandbox_state(resources: Resources, name: str) -> dict[str, Any]:
    """What the workers found when they last tried the sandbox; unknown counts as available, the run will tell."""
    try:
        reason = resources.valkey.get(f"{SANDBOX_STATE_KEY}{name}")
    except RedisError:
        reason = None
    text = reason.decode() if isinstance(reason, bytes) else ""
    return {"available": text == "", "reason": text or None}

"""How alike the final code of attempts is, and who has seen a task: facts for a person, no verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, bindparam, distinct, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tali.assessments import service as assessments
from tali.assessments.blind import alias, is_blind, shown_candidate, veil
from tali.assessments.models import Assessment, Attempt
from tali.jobs.context import JobContext
from tali.jobs.kinds import JUDGING, job_kind
from tali.jobs.service import SubjectGone
from tali.kernel.clock import now
from tali.kernel.ids import new_id
from tali.scoring.fingerprint import METHOD, Place, fingerprint
from tali.scoring.models import Fingerprint
from tali.tasks import service as tasks
from tali.workspace import files
from tali.workspace.service import starter_files

NEAREST = 5
MOST_REGIONS = 40
FEWEST_HASHES = 8
"""Below this there is too little of one's own to compare: a small fix is the same for everybody."""
MOST_COMPARED = 2_000
"""Attempts that one look takes in, the newest: a person waits for it, and a task may be years old."""
MOST_PLACES = 20_000
"""Of a fingerprint. Of more code the smallest hashes are kept, which are the same ones wherever the code is."""
COMMON_FROM = 10
"""Where so many attempts are known, what more than half of them share is the task's and nobody's."""


@job_kind("scoring.fingerprint", JUDGING, "idempotent", max_attempts=2, time_limit=60, on="attempt.submitted")
def keep(context: JobContext, payload: dict[str, Any]) -> None:
    """Take the fingerprint of what was handed in, in a process that can be killed: the text may be hostile."""
    attempt_id = UUID(payload["attempt_id"])
    with context.reading() as session:
        attempt = session.get(Attempt, attempt_id)
        if attempt is None:
            raise SubjectGone(str(attempt_id))
        content = tasks.attempt_content(session, attempt.task_version_id, attempt.variant_seed)
        task_id = session.execute(select(Assessment.task_id).where(Assessment.id == attempt.assessment_id)).scalar_one()
        final = files.contents(session, attempt_id)
    given, readonly = starter_files(content)
    found = fingerprint({path: code for path, code in final.items() if path not in readonly}, given)
    kept = found.places
    if len(kept) > MOST_PLACES:
        limit = sorted(place.hash for place in kept)[MOST_PLACES]
        kept = [place for place in kept if place.hash < limit]
    with context.transaction(finish=True) as session:
        if session.get(Attempt, attempt_id) is None:
            raise SubjectGone(str(attempt_id))
        session.execute(
            insert(Fingerprint)
            .values(
                id=new_id(),
                created_at=now(),
                organization_id=context.organization_id,
                attempt_id=attempt_id,
                task_id=task_id,
                method=METHOD,
                token_count=found.token_count,
                hashes=sorted({place.hash for place in kept}),
                places=_stored(kept),
            )
            .on_conflict_do_nothing()
        )


def _stored(found: Sequence[Place]) -> list[list[Any]]:
    return [[place.hash, place.path, place.first_line, place.last_line] for place in found]


NEAREST_ATTEMPTS = text("""
    WITH compared AS (
        (SELECT id FROM fingerprint
         WHERE task_id = :task AND method = :method AND attempt_id <> :attempt ORDER BY id DESC LIMIT :compared)
        UNION ALL SELECT id FROM fingerprint WHERE attempt_id = :attempt
    ), matched AS MATERIALIZED (
        SELECT f.attempt_id, cardinality(f.hashes) AS size, h
        FROM compared JOIN fingerprint f USING (id) CROSS JOIN LATERAL unnest(f.hashes) AS theirs (h)
        JOIN unnest(:mine) AS mine (h) USING (h)
    ), common AS (
        SELECT h FROM matched GROUP BY h HAVING count(*) > :most
    ), near AS (
        SELECT attempt_id, size, count(*) AS shared FROM matched
        WHERE attempt_id <> :attempt AND h NOT IN (SELECT h FROM common)
        GROUP BY attempt_id, size
        ORDER BY count(*)::float / least(size, :own - (SELECT count(*) FROM common)) DESC, attempt_id
        LIMIT :limit
    )
    SELECT coalesce((SELECT array_agg(h) FROM common), '{}') AS common,
           coalesce((SELECT jsonb_agg(to_jsonb(near)) FROM near), '[]') AS nearest
""").bindparams(bindparam("mine", type_=ARRAY(BigInteger)))
"""One pass over the task's newest fingerprints, however many of them are alike."""


def likeness(session: Session, assessment_id: UUID) -> dict[str, Any]:
    """The nearest other attempts of the same task, with the lines that match, and the task's exposure.

    Raises:
        NotFound: `assessment_not_found`.
    """
    assessment = assessments.get(session, assessment_id)
    attempt = assessments.attempt_of(session, assessment_id)
    mine = session.execute(select(Fingerprint).where(Fingerprint.attempt_id == attempt.id)).scalar_one_or_none()
    exposure = _exposure(session, assessment.task_id)
    if mine is None:
        reason = "Nothing was handed in yet." if attempt.state != "submitted" else "The code is still being read."
        return {"compared_with": 0, "own_passages": None, "nearest": [], "told": [reason], "exposure": exposure}
    newest = (
        select(Fingerprint.id)
        .where(Fingerprint.task_id == mine.task_id, Fingerprint.id != mine.id, Fingerprint.method == mine.method)
        .limit(MOST_COMPARED)
    )
    others = session.execute(select(func.count()).select_from(newest.subquery())).scalar_one()
    near = session.execute(
        NEAREST_ATTEMPTS,
        {
            "mine": list(mine.hashes),
            "own": len(mine.hashes),
            "task": mine.task_id,
            "attempt": mine.attempt_id,
            "method": mine.method,
            "most": (others + 1) / 2 if others + 1 >= COMMON_FROM else others + 1,
            "limit": NEAREST,
            "compared": MOST_COMPARED,
        },
    ).one()
    wanted = set(mine.hashes) - set(near.common)
    answer = {"compared_with": others, "own_passages": len(wanted), "nearest": [], "exposure": exposure}
    if len(wanted) < FEWEST_HASHES:
        told = "The candidate changed too little of their own for a comparison to mean anything."
        return {**answer, "told": [told]}
    ids = [UUID(row["attempt_id"]) for row in near.nearest]
    found = {
        attempt_id: (theirs, where)
        for attempt_id, theirs, where in session.execute(
            select(Fingerprint.attempt_id, Assessment, Fingerprint.places)
            .join(Attempt, Attempt.id == Fingerprint.attempt_id)
            .join(Assessment, Assessment.id == Attempt.assessment_id)
            .where(Fingerprint.attempt_id.in_(ids))
            .options(*assessments.shown_with())
        )
    }
    nearest = []
    for attempt_id, row in zip(ids, near.nearest, strict=True):
        theirs, where = found[attempt_id]
        own, other = veil(assessment), veil(theirs)
        nearest.append(
            {
                **_other(assessment, theirs),
                "share": row["shared"] / len(wanted),
                "share_of_other": row["shared"] / row["size"],
                "passages": row["shared"],
                "regions": [
                    {**region, "path": own(region["path"]), "other_path": other(region["other_path"])}
                    for region in islice(_regions(mine.places, where, wanted), MOST_REGIONS)
                ],
            }
        )
    return {**answer, "nearest": nearest, "told": _told(nearest, others)}


def _other(assessment: Assessment, theirs: Assessment) -> dict[str, Any]:
    """Whose attempt it is. A blind candidate's second attempt would give away the first, so both stay hidden."""
    if is_blind(assessment):
        hidden = {"alias": alias(theirs), "blind": True, "id": None, "full_name": None, "email": None}
        return {"assessment_id": None, "candidate": hidden, "same_candidate": None, "submitted_at": None}
    return {
        "assessment_id": theirs.id,
        "candidate": shown_candidate(theirs),
        "same_candidate": None if is_blind(theirs) else theirs.candidate_id == assessment.candidate_id,
        "submitted_at": theirs.submitted_at,
    }


def _regions(
    mine: Sequence[Sequence[Any]], theirs: Sequence[Sequence[Any]], wanted: set[int]
) -> Iterator[dict[str, Any]]:
    """Matching passages as ranges of lines, neighbours joined while they are neighbours in both."""
    at: dict[int, Sequence[Any]] = {place[0]: place for place in reversed(theirs)}
    current: dict[str, Any] | None = None
    pairs = (
        (place, at[place[0]])
        for place in sorted(mine, key=lambda place: (place[1], place[2]))
        if place[0] in wanted and place[0] in at
    )
    for (_, path, first, last), (_, other_path, other_first, other_last) in pairs:
        if (
            current is not None
            and (current["path"], current["other_path"]) == (path, other_path)
            and first <= current["last_line"] + 1
            and current["other_first_line"] <= other_first <= current["other_last_line"] + 1
        ):
            current["last_line"] = max(current["last_line"], last)
            current["other_last_line"] = max(current["other_last_line"], other_last)
            continue
        if current is not None:
            yield current
        current = {
            "path": path,
            "first_line": first,
            "last_line": last,
            "other_path": other_path,
            "other_first_line": other_first,
            "other_last_line": other_last,
        }
    if current is not None:
        yield current


def _told(nearest: Sequence[Mapping[str, Any]], others: int) -> list[str]:
    """The facts in words. What they mean is for a person to say."""
    if others == 0:
        return ["There is no other attempt of this task to compare with."]
    if not nearest:
        return [f"None of this candidate’s own code stands in any of the {others} other attempts."]
    closest = nearest[0]
    return [
        f"{round(closest['share'] * 100)}% of this candidate’s own code also stands in the nearest of {others} other"
        f" {'attempt' if others == 1 else 'attempts'}, when names, comments and layout are set aside.",
        "What the task gave is left out. People who take the same reply of an assistant write alike too.",
    ]


def _exposure(session: Session, task_id: UUID) -> dict[str, Any]:
    """How many have seen the task, and since when."""
    row = session.execute(
        select(func.count(), func.count(distinct(Assessment.candidate_id)), func.min(Assessment.started_at)).where(
            Assessment.task_id == task_id, Assessment.started_at.is_not(None)
        )
    ).one()
    return {"attempts": row[0], "candidates": row[1], "first_seen": row[2]}

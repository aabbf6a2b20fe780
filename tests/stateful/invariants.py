"""What must hold between any two steps, as queries for the rows that break it. Read as the owner, past every wall."""

from __future__ import annotations

from uuid import UUID

from tests.stateful.watch import Watch

ALLOWED = "a.allowed_time * ((100 + a.extra_percent) / 100.0::float8) + interval '1 minute' * a.extra_minutes"
BOTH = "FROM assessment s JOIN attempt a ON a.assessment_id = s.id WHERE s.organization_id = :org"
NEWEST = "ORDER BY id DESC LIMIT 1"

BROKEN: dict[str, str] = {
    "an assessment has one attempt": """
        SELECT s.id FROM assessment s WHERE s.organization_id = :org
        AND (SELECT count(*) FROM attempt a WHERE a.assessment_id = s.id) <> 1""",
    "attempt and assessment agree": f"""
        SELECT s.id {BOTH} AND (s.state, a.state) NOT IN (('invited', 'ready'), ('expired', 'ready'),
            ('cancelled', 'ready'), ('in_progress', 'in_progress'), ('completed', 'submitted'))
        UNION ALL SELECT s.id {BOTH} AND (s.started_at, s.submitted_at, s.task_version_id, s.help_level)
            IS DISTINCT FROM (a.started_at, a.submitted_at, a.task_version_id, a.help_level)
        UNION ALL SELECT s.id {BOTH} AND interval '1 minute' * s.duration_minutes <> a.allowed_time""",
    "what has ended says when, and nothing else does": """
        SELECT id FROM assessment WHERE organization_id = :org
        AND (ended_at IS NOT NULL) <> (state IN ('completed', 'expired', 'cancelled'))""",
    "only what is completed is scored": """
        SELECT id FROM assessment WHERE organization_id = :org AND (
            (scoring_state IS NOT NULL) <> (state = 'completed')
            OR (state <> 'completed' AND (score IS NOT NULL OR measured_score IS NOT NULL OR overridden)))""",
    "only what has ended is decided": """
        SELECT id FROM assessment WHERE organization_id = :org
        AND decision IS NOT NULL AND state IN ('invited', 'in_progress')""",
    "the deadline is start + duration × accommodation + pauses": f"""
        SELECT a.id FROM attempt a WHERE a.organization_id = :org
        AND a.deadline IS DISTINCT FROM a.started_at + ({ALLOWED}) + a.paused_time
        UNION ALL SELECT id FROM attempt WHERE organization_id = :org AND (state = 'ready') <> (started_at IS NULL)""",
    "what the deadline is made of is on record": """
        SELECT a.id FROM attempt a WHERE a.organization_id = :org AND (
            a.paused_time <> (SELECT coalesce(sum(p.ended_at - p.started_at), interval '0') FROM pause p
                WHERE p.attempt_id = a.id)
            OR a.paused_at IS DISTINCT FROM (SELECT p.started_at FROM pause p
                WHERE p.attempt_id = a.id AND p.ended_at IS NULL)
            OR (a.paused_at IS NOT NULL AND a.state <> 'in_progress')
            OR a.extra_percent <> coalesce((SELECT g.percent FROM accommodation g
                WHERE g.attempt_id = a.id ORDER BY g.id DESC LIMIT 1), 0)
            OR a.extra_minutes <> coalesce((SELECT g.minutes FROM accommodation g
                WHERE g.attempt_id = a.id ORDER BY g.id DESC LIMIT 1), 0))""",
    "counters equal the rows": """
        SELECT a.id FROM attempt a
        LEFT JOIN LATERAL (SELECT count(*) AS n, coalesce(max("index"), 0) AS last FROM turn WHERE attempt_id = a.id)
            t ON true
        LEFT JOIN LATERAL (SELECT count(*) AS n, coalesce(max(seq), 0) AS last,
            count(*) FILTER (WHERE kind = 'tab_switch') AS switches,
            count(*) FILTER (WHERE kind = 'takeover') AS takeovers,
            count(*) FILTER (WHERE kind = 'prompt') AS prompts,
            count(*) FILTER (WHERE kind = 'execution') AS executions,
            count(*) FILTER (WHERE kind IN ('edits', 'snapshot')) AS batches,
            count(*) FILTER (WHERE kind = 'start') AS starts,
            count(*) FILTER (WHERE kind = 'submit') AS submits,
            count(*) FILTER (WHERE kind = 'pause') AS pauses,
            count(*) FILTER (WHERE kind = 'resume') AS resumes
            FROM timeline_event WHERE attempt_id = a.id) e ON true
        WHERE a.organization_id = :org AND (
            a.turn_count <> t.n OR t.n <> t.last OR e.prompts <> t.n
            OR a.last_event_seq <> e.n OR e.n <> e.last OR a.tab_switch_count <> e.switches
            OR a.writer_epoch <> e.starts + e.takeovers
            OR e.starts <> (a.state <> 'ready')::int OR e.submits <> (a.state = 'submitted')::int
            OR e.executions <> (SELECT count(*) FROM execution WHERE attempt_id = a.id)
            OR e.batches <> (SELECT count(*) FROM edit_batch WHERE attempt_id = a.id)
            OR e.pauses <> (SELECT count(*) FROM pause WHERE attempt_id = a.id)
            OR e.resumes <> (SELECT count(*) FROM pause WHERE attempt_id = a.id AND ended_at IS NOT NULL))""",
    "batches of a writer are numbered without gaps": """
        SELECT attempt_id FROM edit_batch WHERE organization_id = :org GROUP BY attempt_id, writer_epoch
        HAVING count(*) <> max(client_seq) OR min(client_seq) <> 1""",
    "files are laid out at the start": """
        SELECT f.id FROM workspace_file f WHERE f.organization_id = :org AND EXISTS (
            SELECT 1 FROM attempt a WHERE a.id = f.attempt_id AND a.state = 'ready')""",
    "scores form one chain, oldest to newest": """
        SELECT id FROM (SELECT id, supersedes_id, lag(id) OVER (PARTITION BY assessment_id ORDER BY id) AS before
            FROM score WHERE organization_id = :org) chained WHERE supersedes_id IS DISTINCT FROM before""",
    "the score that counts is the override, or else the newest": f"""
        SELECT s.id FROM assessment s
        LEFT JOIN LATERAL (SELECT * FROM score WHERE assessment_id = s.id {NEWEST}) newest ON true
        LEFT JOIN LATERAL (SELECT value FROM score_override
            WHERE assessment_id = s.id AND withdrawn_at IS NULL) o ON true
        WHERE s.organization_id = :org AND (
            s.overridden <> (o.value IS NOT NULL)
            OR (s.measured_score IS NULL) <> (newest.value IS NULL)
            OR abs(s.measured_score - newest.value) > 0.0501
            OR s.score IS DISTINCT FROM CASE WHEN o.value IS NULL THEN s.measured_score ELSE s.score END
            OR abs(s.score - o.value) > 0.0501 OR (o.value IS NOT NULL AND s.score IS NULL)
            OR s.coverage IS DISTINCT FROM newest.coverage
            OR (newest.id IS NOT NULL AND (s.weights_hash, s.weights) IS DISTINCT FROM
                (newest.weights_hash, newest.weights)))""",
    "a score names how it was weighed": """
        SELECT id FROM score WHERE organization_id = :org
        AND (coverage NOT BETWEEN 0 AND 1 OR value NOT BETWEEN 0 AND 100 OR (value IS NULL) <> (coverage = 0))""",
    "score runs agree with the assessment and with their scores": f"""
        SELECT r.id FROM score_run r WHERE r.organization_id = :org AND (
            (r.state = 'running') <> (r.finished_at IS NULL)
            OR (r.state <> 'running')::int <>
                (SELECT count(*) FROM score WHERE score_run_id = r.id AND cause = 'run')
            OR (r.state <> 'running' AND EXISTS (
                SELECT 1 FROM evaluation WHERE score_run_id = r.id AND state = 'pending')))
        UNION ALL SELECT s.id FROM assessment s
        LEFT JOIN LATERAL (SELECT * FROM score_run WHERE assessment_id = s.id {NEWEST}) r ON true
        WHERE s.organization_id = :org AND (
            (s.scoring_state = 'running') IS DISTINCT FROM (r.state = 'running') AND r.id IS NOT NULL
                AND s.scoring_state IN ('running', 'scored', 'partial')
            OR (s.scoring_state IN ('scored', 'partial') AND r.state IS DISTINCT FROM s.scoring_state)
            OR (s.scoring_state = 'running' AND r.id IS NULL))""",
    "flags are counted": """
        SELECT s.id FROM assessment s
        JOIN LATERAL (SELECT id FROM score_run WHERE assessment_id = s.id AND state <> 'running'
            ORDER BY id DESC LIMIT 1) r ON true
        WHERE s.organization_id = :org AND s.flag_count <> (SELECT count(*) FROM signal_value v
            WHERE v.score_run_id = r.id AND v.flag IS NOT NULL AND v.flag <> 'null'::jsonb)""",
    "the decision shown is the newest, and was made since the invitation": f"""
        SELECT s.id FROM assessment s WHERE s.organization_id = :org AND s.decision IS NOT NULL
        AND s.decision <> (SELECT verdict FROM decision WHERE assessment_id = s.id {NEWEST})""",
    "unfinished work has a job that lives": """
        SELECT t.id FROM turn t WHERE t.organization_id = :org AND t.state IN ('queued', 'running') AND NOT EXISTS (
            SELECT 1 FROM job j WHERE j.dedupe_key = t.id::text AND j.kind = 'workspace.reply'
            AND j.state IN ('queued', 'running'))
        UNION ALL SELECT x.id FROM execution x WHERE x.organization_id = :org
        AND x.state IN ('queued', 'running') AND NOT EXISTS (SELECT 1 FROM job j WHERE j.dedupe_key = x.id::text
            AND j.kind = 'workspace.execute' AND j.state IN ('queued', 'running'))
        UNION ALL SELECT s.id FROM assessment s WHERE s.organization_id = :org
        AND s.scoring_state IN ('pending', 'running') AND NOT EXISTS (SELECT 1 FROM job j
            WHERE j.payload ->> 'assessment_id' = s.id::text AND j.kind LIKE 'scoring.%'
            AND j.state IN ('queued', 'running'))""",
    "what is finished leaves no job waiting": """
        SELECT j.id FROM job j JOIN turn t ON t.id::text = j.dedupe_key AND j.kind = 'workspace.reply'
        WHERE j.organization_id = :org AND j.state = 'queued' AND t.state IN ('done', 'failed', 'cancelled')
        UNION ALL SELECT j.id FROM job j JOIN execution x ON x.id::text = j.dedupe_key
        AND j.kind = 'workspace.execute'
        WHERE j.organization_id = :org AND j.state = 'queued' AND x.state IN ('done', 'failed', 'cancelled')
        UNION ALL SELECT j.id FROM job j JOIN assessment s ON s.id::text = j.payload ->> 'assessment_id'
        WHERE j.organization_id = :org AND j.state = 'queued' AND j.kind IN ('scoring.grade', 'scoring.evaluate')
        AND s.scoring_state IN ('scored', 'partial', 'failed')""",
    "jobs are settled, and none dies but where a plugin is at fault": """
        SELECT id FROM job WHERE organization_id = :org AND (
            state IN ('running', 'ambiguous') OR (state = 'queued') <> (finished_at IS NULL)
            OR lease_until IS NOT NULL OR attempt > max_attempts
            OR (state = 'dead' AND kind NOT IN ('scoring.grade', 'workspace.reply', 'workspace.execute')))""",
    "what is finished says when": """
        SELECT id FROM turn WHERE organization_id = :org
        AND (state IN ('queued', 'running')) <> (finished_at IS NULL)
        UNION ALL SELECT id FROM execution WHERE organization_id = :org
        AND (state IN ('queued', 'running')) <> (finished_at IS NULL)""",
    "a bulk row that was created leads to its assessment": """
        SELECT id FROM bulk_row WHERE organization_id = :org AND (state = 'created') <> (assessment_id IS NOT NULL)""",
    "one provider of a kind is chosen": """
        SELECT min(id::text)::uuid FROM provider_choice WHERE organization_id = :org AND chosen
        GROUP BY kind HAVING count(*) > 1""",
    "somebody owns the organisation": """
        SELECT o.id FROM organization o WHERE o.id = :org AND NOT EXISTS (SELECT 1 FROM membership m
            WHERE m.organization_id = o.id AND m.role = 'owner' AND m.active)""",
    "a task is published while it has a version, unless it is archived": """
        SELECT t.id FROM task t WHERE t.organization_id = :org AND t.state <> 'archived'
        AND (t.state = 'published') <> EXISTS (SELECT 1 FROM task_version v WHERE v.task_id = t.id)""",
    "search looks at what candidates are called now, and while a review is blind at the alias": """
        SELECT s.id FROM assessment s JOIN candidate c ON c.id = s.candidate_id WHERE s.organization_id = :org
        AND s.search_words <> CASE WHEN s.blind_review AND coalesce(s.decision, '') NOT IN ('advance', 'reject')
            THEN ' Candidate ' || upper(left(s.public_id, 6)) ELSE ' ' || c.full_name || ' ' || c.email END""",
}
_ALL = " UNION ALL ".join(
    f"SELECT '{name}' AS rule, broken.id FROM ({query}) AS broken (id)" for name, query in BROKEN.items()
)
"""One question, so that it can be asked after each step."""


def check(watch: Watch, organization_id: UUID) -> None:
    """Every rule holds in this organisation."""
    broken = watch.rows(_ALL, org=organization_id)
    assert not broken, "; ".join(f"{row.rule}: {row.id}" for row in broken)

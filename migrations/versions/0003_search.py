"""Search: the words of each assessment, kept by triggers, their index, and the one function that looks through them."""

from __future__ import annotations

from alembic import op
from tali.migrations.tenancy import CURRENT

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The words lie on the assessment itself, so that a list can be walked in its order without a look at each candidate.
# Triggers keep them: no code path that renames or erases a candidate, or decides on one, can forget them.
# While a review is blind (`tali.assessments.blind`), the words are the alias: a match would tell the name.
TRIGGERS = """
CREATE FUNCTION tali_set_search_words() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    IF NEW.blind_review AND coalesce(NEW.decision, '') NOT IN ('advance', 'reject') THEN
        NEW.search_words := ' Candidate ' || upper(left(NEW.public_id, 6));
    ELSE
        SELECT ' ' || full_name || ' ' || email INTO STRICT NEW.search_words FROM candidate
        WHERE organization_id = NEW.organization_id AND id = NEW.candidate_id;
    END IF;
    RETURN NEW;
END $function$;
CREATE TRIGGER search_words BEFORE INSERT OR UPDATE OF candidate_id, blind_review, decision ON assessment
    FOR EACH ROW EXECUTE FUNCTION tali_set_search_words();
CREATE FUNCTION tali_renew_search_words() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    UPDATE assessment SET candidate_id = candidate_id
    WHERE organization_id = NEW.organization_id AND candidate_id = NEW.id;
    RETURN NULL;
END $function$;
CREATE TRIGGER search_words AFTER UPDATE OF full_name, email ON candidate
    FOR EACH ROW EXECUTE FUNCTION tali_renew_search_words();
"""

SIGNATURE = (
    "tali_search_assessments(p_term text, p_state text, p_task uuid, p_by_score boolean,"
    " p_score double precision, p_created timestamptz, p_id uuid, p_limit integer)"
)

# Pattern operators are not leakproof, so under a policy they would be asked of every row, without the index. This
# function reads past the policy instead, and names the transaction's own organisation in every query.
#
# How common a term is shows in the newest rows, which one index tells without a look at the table. A rare one is looked
# up in the trigram index, and what that finds is sorted. A common one would find too much there: the list is walked in
# its order until a page is full, which is soon.
BODY = f"""
DECLARE
    tenant uuid := {CURRENT};
    escaped text := replace(replace(replace(p_term, '\\', '\\\\'), '%', '\\%'), '_', '\\_');
    -- Two letters are no trigram; the beginning of a word is one, with the blank before it.
    pattern text := CASE WHEN length(p_term) < 3 THEN '% ' ELSE '%' END || escaped || '%';
    matches text := 'a.organization_id = $1 AND a.search_words ILIKE $2';
    filters text := CASE WHEN p_state IS NULL THEN '' ELSE ' AND a.state = $3' END
        || CASE WHEN p_task IS NULL THEN '' ELSE ' AND a.task_id = $4' END
        || CASE WHEN p_by_score THEN ' AND a.score IS NOT NULL' ELSE '' END
        || CASE WHEN p_id IS NULL THEN ''
                WHEN p_by_score THEN ' AND (a.score, a.id) < ($5, $7)'
                ELSE ' AND (a.created_at, a.id) < ($6, $7)' END;
    sorted text := CASE WHEN p_by_score THEN ' ORDER BY a.score DESC, a.id DESC'
                        ELSE ' ORDER BY a.created_at DESC, a.id DESC' END;
    hits integer;
BEGIN
    EXECUTE 'SELECT count(*) FROM (SELECT a.search_words FROM assessment a WHERE a.organization_id = $1'
        ' ORDER BY a.created_at DESC, a.id DESC LIMIT 2000) a WHERE a.search_words ILIKE $2'
        INTO hits USING tenant, pattern;
    IF hits < 6 THEN
        -- MATERIALIZED: found first, then filtered and sorted, whatever the planner expects of the filters.
        RETURN QUERY EXECUTE 'WITH a AS MATERIALIZED (SELECT * FROM assessment a WHERE ' || matches || ')'
            ' SELECT a.id FROM a WHERE true' || filters || sorted || ' LIMIT $8'
            USING tenant, pattern, p_state, p_task, p_score, p_created, p_id, p_limit;
    ELSE
        RETURN QUERY EXECUTE 'SELECT a.id FROM assessment a WHERE ' || matches || filters || sorted || ' LIMIT $8'
            USING tenant, pattern, p_state, p_task, p_score, p_created, p_id, p_limit;
    END IF;
END
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute(TRIGGERS)
    op.execute("CREATE INDEX ix_assessment_search_words ON assessment USING gin (search_words gin_trgm_ops)")
    op.execute(
        f"CREATE FUNCTION {SIGNATURE} RETURNS TABLE (id uuid) LANGUAGE plpgsql STABLE SECURITY DEFINER"
        f" SET search_path = public, pg_temp AS $function$ {BODY} $function$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO tali_app")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.execute("DROP INDEX ix_assessment_search_words")
    op.execute("DROP TRIGGER search_words ON candidate")
    op.execute("DROP TRIGGER search_words ON assessment")
    op.execute("DROP FUNCTION tali_renew_search_words()")
    op.execute("DROP FUNCTION tali_set_search_words()")
    op.execute("DROP EXTENSION pg_trgm")

"""Search: the trigram index over candidates, and the one function that looks for text in a list of assessments."""

from __future__ import annotations

from alembic import op
from tali.migrations.tenancy import CURRENT

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SIGNATURE = (
    "tali_search_assessments(p_term text, p_state text, p_task uuid, p_by_score boolean,"
    " p_score double precision, p_created timestamptz, p_id uuid, p_limit integer)"
)
WORDS = "(' ' || c.full_name || ' ' || c.email)"
"""What is searched. The leading blank lets a pattern say "at the beginning of a word", which the index understands."""

# Pattern operators are not leakproof, so under a policy they would be asked of every row, without the index. This
# function reads past the policy instead, and names the transaction's own organisation in every query.
#
# It walks the list in its order first: a common term fills a page within a few rows. A rare one is not found that way,
# and is looked up in the index. One in between is worth a longer walk, where the index would find too many.
BODY = f"""
DECLARE
    tenant uuid := {CURRENT};
    escaped text := replace(replace(replace(p_term, '\\', '\\\\'), '%', '\\%'), '_', '\\_');
    -- Two letters are no trigram; the beginning of a word is one, with the blank before it.
    pattern text := CASE WHEN length(p_term) < 3 THEN '% ' ELSE '%' END || escaped || '%';
    filters text := 'a.organization_id = $1'
        || CASE WHEN p_state IS NULL THEN '' ELSE ' AND a.state = $3' END
        || CASE WHEN p_task IS NULL THEN '' ELSE ' AND a.task_id = $4' END
        || CASE WHEN p_by_score THEN ' AND a.score IS NOT NULL' ELSE '' END
        || CASE WHEN p_id IS NULL THEN ''
                WHEN p_by_score THEN ' AND (a.score, a.id) < ($5, $7)'
                ELSE ' AND (a.created_at, a.id) < ($6, $7)' END;
    sorted text := CASE WHEN p_by_score THEN 'a.score DESC, a.id DESC' ELSE 'a.created_at DESC, a.id DESC' END;
    -- OFFSET 0 keeps the planner from turning the walk around.
    walk text := format(
        'SELECT array_agg(found.id) FROM (SELECT a.id FROM (SELECT a.id, a.candidate_id, a.created_at, a.score'
        ' FROM assessment a WHERE %s ORDER BY %s LIMIT $9) a JOIN LATERAL (SELECT 1 FROM candidate c WHERE c.id ='
        ' a.candidate_id AND c.organization_id = $1 AND {WORDS.replace("'", "''")} ILIKE $2 OFFSET 0) c ON true'
        ' LIMIT $8) found', filters, sorted);
    hits uuid[];
BEGIN
    EXECUTE walk INTO hits USING tenant, pattern, p_state, p_task, p_score, p_created, p_id, p_limit, 2000;
    IF coalesce(cardinality(hits), 0) >= p_limit THEN
        RETURN QUERY SELECT unnest(hits);
        RETURN;
    END IF;
    IF cardinality(hits) >= 5 THEN
        EXECUTE walk INTO hits USING tenant, pattern, p_state, p_task, p_score, p_created, p_id, p_limit, 40000;
        IF cardinality(hits) >= p_limit THEN
            RETURN QUERY SELECT unnest(hits);
            RETURN;
        END IF;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT a.id FROM candidate c JOIN assessment a ON a.organization_id = $1 AND a.candidate_id = c.id'
        ' WHERE c.organization_id = $1 AND {WORDS.replace("'", "''")} ILIKE $2 AND %s ORDER BY %s LIMIT $8',
        filters, sorted)
        USING tenant, pattern, p_state, p_task, p_score, p_created, p_id, p_limit;
END
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute(
        "CREATE INDEX ix_candidate_search ON candidate USING gin ((' ' || full_name || ' ' || email) gin_trgm_ops)"
    )
    op.execute(
        f"CREATE FUNCTION {SIGNATURE} RETURNS TABLE (id uuid) LANGUAGE plpgsql STABLE SECURITY DEFINER"
        f" SET search_path = public, pg_temp AS $function$ {BODY} $function$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO tali_app")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.execute("DROP INDEX ix_candidate_search")
    op.execute("DROP EXTENSION pg_trgm")

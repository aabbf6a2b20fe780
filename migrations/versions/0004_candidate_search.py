"""Search among candidates: the index of their words, and the one function that looks through them."""

from __future__ import annotations

from alembic import op
from tali.migrations.tenancy import CURRENT

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SIGNATURE = "tali_search_candidates(p_term text, p_created timestamptz, p_id uuid, p_limit integer)"

# As tali_search_assessments: pattern operators are not leakproof, so this function reads past the policy and names the
# transaction's own organisation. A rare term is looked up in the trigram index, a common one by walking the list.
BODY = f"""
DECLARE
    tenant uuid := {CURRENT};
    escaped text := replace(replace(replace(p_term, '\\', '\\\\'), '%', '\\%'), '_', '\\_');
    -- Two letters are no trigram; the beginning of a word is one, with the blank before it.
    pattern text := CASE WHEN length(p_term) < 3 THEN '% ' ELSE '%' END || escaped || '%';
    matches text := 'c.organization_id = $1 AND c.search_words ILIKE $2';
    after text := CASE WHEN p_id IS NULL THEN '' ELSE ' AND (c.created_at, c.id) < ($3, $4)' END;
    sorted text := ' ORDER BY c.created_at DESC, c.id DESC LIMIT $5';
    hits integer;
BEGIN
    EXECUTE 'SELECT count(*) FROM (SELECT c.search_words FROM candidate c WHERE c.organization_id = $1'
        ' ORDER BY c.created_at DESC, c.id DESC LIMIT 2000) c WHERE c.search_words ILIKE $2'
        INTO hits USING tenant, pattern;
    IF hits < 6 THEN
        -- MATERIALIZED: found first, then filtered and sorted, whatever the planner expects.
        RETURN QUERY EXECUTE 'WITH c AS MATERIALIZED (SELECT * FROM candidate c WHERE ' || matches || ')'
            ' SELECT c.id FROM c WHERE true' || after || sorted USING tenant, pattern, p_created, p_id, p_limit;
    ELSE
        RETURN QUERY EXECUTE 'SELECT c.id FROM candidate c WHERE ' || matches || after || sorted
            USING tenant, pattern, p_created, p_id, p_limit;
    END IF;
END
"""


def upgrade() -> None:
    op.execute("CREATE INDEX ix_candidate_search_words ON candidate USING gin (search_words gin_trgm_ops)")
    op.execute(
        f"CREATE FUNCTION {SIGNATURE} RETURNS TABLE (id uuid) LANGUAGE plpgsql STABLE SECURITY DEFINER"
        f" SET search_path = public, pg_temp AS $function$ {BODY} $function$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO tali_app")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.execute("DROP INDEX ix_candidate_search_words")

"""What the report counts of each case, kept beside it by triggers."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_case_figures"
down_revision = "20261122_cases"
branch_labels = None
depends_on = None

_KEPT = (
    """CREATE FUNCTION case_figure_of(wanted uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO case_figure (case_id, node_id, received_at, dims, clocks)
    SELECT c.id, c.node_id, c.received_at,
        (array_position(ARRAY['complaint', 'repair', 'enquiry', 'service_order', 'suggestion'], c.kind) - 1 << 0) | (array_position(ARRAY['general', 'urgent', 'suspected_invalid'], c.severity) - 1 << 3) | (array_position(ARRAY['none', 'customer', 'sales', 'works', 'property'], coalesce(c.category, 'none')) - 1 << 6) | (array_position(ARRAY['open', 'merged', 'passed_on', 'accepted', 'no_contact', 'invalid', 'lawful', 'beyond_authority'], coalesce(c.close_reason, CASE WHEN c.ended_at IS NULL THEN 'open' ELSE c.state END)) - 1 << 9) | (extract(hour FROM c.received_at AT TIME ZONE 'Asia/Shanghai')::int << 13) | ((c.round > 1)::int << 18) | ((count(*) FILTER (WHERE k.breached_at IS NOT NULL) > 0)::int << 19) | (least(count(*) FILTER (WHERE k.code = 'C3' AND k.state = 'met'), 3)::int << 20) | (least(count(*) FILTER (WHERE k.code = 'C3' AND k.state IN ('met_late', 'breached')), 3)::int << 22),
        (least(count(*) FILTER (WHERE k.code = 'C1' AND k.state = 'met'), 7) << 0) | (least(count(*) FILTER (WHERE k.code = 'C1' AND k.state IN ('met_late', 'breached')), 7) << 3) | (least(count(*) FILTER (WHERE k.code = 'C1' AND k.state IN ('running', 'paused')), 7) << 6) | (least(count(*) FILTER (WHERE k.code = 'C1' AND k.state = 'void'), 7) << 9)
        | (least(count(*) FILTER (WHERE k.code = 'C2' AND k.state = 'met'), 7) << 12) | (least(count(*) FILTER (WHERE k.code = 'C2' AND k.state IN ('met_late', 'breached')), 7) << 15) | (least(count(*) FILTER (WHERE k.code = 'C2' AND k.state IN ('running', 'paused')), 7) << 18) | (least(count(*) FILTER (WHERE k.code = 'C2' AND k.state = 'void'), 7) << 21)
        | (least(count(*) FILTER (WHERE k.code = 'C3' AND k.state = 'met'), 7) << 24) | (least(count(*) FILTER (WHERE k.code = 'C3' AND k.state IN ('met_late', 'breached')), 7) << 27) | (least(count(*) FILTER (WHERE k.code = 'C3' AND k.state IN ('running', 'paused')), 7) << 30) | (least(count(*) FILTER (WHERE k.code = 'C3' AND k.state = 'void'), 7) << 33)
        | (least(count(*) FILTER (WHERE k.code = 'C4' AND k.state = 'met'), 7) << 36) | (least(count(*) FILTER (WHERE k.code = 'C4' AND k.state IN ('met_late', 'breached')), 7) << 39) | (least(count(*) FILTER (WHERE k.code = 'C4' AND k.state IN ('running', 'paused')), 7) << 42) | (least(count(*) FILTER (WHERE k.code = 'C4' AND k.state = 'void'), 7) << 45)
        | (least(count(*) FILTER (WHERE k.code = 'C5' AND k.state = 'met'), 7) << 48) | (least(count(*) FILTER (WHERE k.code = 'C5' AND k.state IN ('met_late', 'breached')), 7) << 51) | (least(count(*) FILTER (WHERE k.code = 'C5' AND k.state IN ('running', 'paused')), 7) << 54) | (least(count(*) FILTER (WHERE k.code = 'C5' AND k.state = 'void'), 7) << 57)
    FROM hotline_case c LEFT JOIN case_clock k ON k.case_id = c.id WHERE c.id = wanted GROUP BY c.id
    ON CONFLICT (case_id) DO UPDATE SET dims = excluded.dims, clocks = excluded.clocks
    WHERE (case_figure.dims, case_figure.clocks) IS DISTINCT FROM (excluded.dims, excluded.clocks)
$$""",
    """CREATE FUNCTION case_figured() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM case_figure_of(NEW.id);
    RETURN NULL;
END $$""",
    """CREATE FUNCTION case_clock_figured() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM case_figure_of(NEW.case_id);
    RETURN NULL;
END $$""",
    """CREATE TRIGGER case_figured AFTER INSERT OR UPDATE OF kind, severity, category, state, close_reason, round ON hotline_case FOR EACH ROW EXECUTE FUNCTION case_figured()""",
    """CREATE TRIGGER case_clock_figured AFTER INSERT OR UPDATE OF state ON case_clock FOR EACH ROW EXECUTE FUNCTION case_clock_figured()""",
)


def upgrade() -> None:
    op.create_table(
        "case_figure",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dims", sa.Integer(), nullable=False),
        sa.Column("clocks", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["hotline_case.id"], name=op.f("fk_case_figure_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_figure")),
    )
    op.create_index("ix_case_figure_received_at", "case_figure", ["received_at"], unique=False)
    for kept in _KEPT:
        op.execute(kept)
    op.execute("SELECT case_figure_of(id) FROM hotline_case")


def downgrade() -> None:
    op.execute("DROP TRIGGER case_figured ON hotline_case")
    op.execute("DROP TRIGGER case_clock_figured ON case_clock")
    op.drop_table("case_figure")
    for function in ("case_figured()", "case_clock_figured()", "case_figure_of(uuid)"):
        op.execute(f"DROP FUNCTION {function}")

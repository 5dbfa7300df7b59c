"""Price lists in versions, who built a project, joint repair teams."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_prices_and_builders"
down_revision = "20261122_tickets"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "CREATE TRIGGER price_list_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON price_list FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER price_item_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON price_item FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)


def upgrade() -> None:
    op.create_table(
        "construction_company",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("works", sa.Text(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_construction_company_added_by")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.node_id"], name=op.f("fk_construction_company_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_construction_company")),
    )
    op.create_index(
        "uq_construction_company_name",
        "construction_company",
        ["project_id", sa.literal_column("lower(name)")],
        unique=True,
    )
    op.create_table(
        "joint_team_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "duty IN ('repairs', 'progress_and_claims')", name=op.f("ck_joint_team_member_duty")
        ),
        sa.CheckConstraint(
            "(left_at IS NULL) = (removed_by IS NULL)", name=op.f("ck_joint_team_member_left_whole")
        ),
        sa.CheckConstraint("left_at >= joined_at", name=op.f("ck_joint_team_member_left_after")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_joint_team_member_account_id")),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_joint_team_member_added_by")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.node_id"], name=op.f("fk_joint_team_member_project_id")
        ),
        sa.ForeignKeyConstraint(["removed_by"], ["account.id"], name=op.f("fk_joint_team_member_removed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_team_member")),
    )
    op.create_index(
        "uq_joint_team_member_present",
        "joint_team_member",
        ["project_id", "account_id"],
        unique=True,
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "price_list",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_price_list_number")),
        sa.ForeignKeyConstraint(["project_id"], ["project.node_id"], name=op.f("fk_price_list_project_id")),
        sa.ForeignKeyConstraint(["published_by"], ["account.id"], name=op.f("fk_price_list_published_by")),
        sa.PrimaryKeyConstraint("project_id", "number", name=op.f("pk_price_list")),
    )
    op.create_table(
        "price_item",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("price_fen >= 0", name=op.f("ck_price_item_price_fen")),
        sa.ForeignKeyConstraint(
            ["project_id", "number"],
            ["price_list.project_id", "price_list.number"],
            name=op.f("fk_price_item_project_id_number"),
        ),
        sa.PrimaryKeyConstraint("project_id", "number", "code", name=op.f("pk_price_item")),
    )
    op.create_index("uq_price_item_place", "price_item", ["project_id", "number", "place"], unique=True)
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("price_item")
    op.drop_table("price_list")
    op.drop_table("joint_team_member")
    op.drop_table("construction_company")

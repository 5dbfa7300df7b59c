"""Posts to owners, their readers, open days; files that are shown without a line."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_posts"
down_revision = "20261122_notices"
branch_labels = None
depends_on = None

_FUNCTIONS = (
    """CREATE FUNCTION keep_post() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    taking_back text[] := ARRAY['state', 'taken_back_by', 'taken_back_at', 'taken_back_reason', 'version'];
BEGIN
    IF OLD.published_at IS NULL THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    ELSIF TG_OP = 'UPDATE' AND OLD.state = 'published' AND NEW.state = 'taken_back'
        AND to_jsonb(OLD) - taking_back = to_jsonb(NEW) - taking_back THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a published post stays as it is' USING ERRCODE = 'restrict_violation';
END $$""",
    """CREATE FUNCTION keep_post_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM post WHERE id IN (coalesce(NEW.post_id, OLD.post_id), OLD.post_id) AND published_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a published post stays as it is' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$""",
    """CREATE FUNCTION count_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE open_day_slot SET booked = booked + NEW.persons WHERE id = NEW.slot_id;
    ELSIF OLD.cancelled_at IS NULL AND NEW.cancelled_at IS NOT NULL
        AND to_jsonb(OLD) - 'cancelled_at' = to_jsonb(NEW) - 'cancelled_at' THEN
        UPDATE open_day_slot SET booked = booked - OLD.persons WHERE id = OLD.slot_id;
    ELSE
        RAISE EXCEPTION 'a booking is cancelled, never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$""",
)
_TRIGGERS = (
    "CREATE TRIGGER post_kept BEFORE UPDATE OR DELETE ON post FOR EACH ROW EXECUTE FUNCTION keep_post()",
    (
        "CREATE TRIGGER post_building_kept BEFORE INSERT OR UPDATE OR DELETE ON post_building FOR EACH "
        "ROW EXECUTE FUNCTION keep_post_part()"
    ),
    (
        "CREATE TRIGGER post_photo_kept BEFORE INSERT OR UPDATE OR DELETE ON post_photo FOR EACH ROW "
        "EXECUTE FUNCTION keep_post_part()"
    ),
    (
        "CREATE TRIGGER open_day_slot_kept BEFORE INSERT OR UPDATE OF post_id, place, starts_at, "
        "ends_at, capacity OR DELETE ON open_day_slot FOR EACH ROW EXECUTE FUNCTION keep_post_part()"
    ),
    (
        "CREATE TRIGGER open_day_booking_counted AFTER INSERT OR UPDATE ON open_day_booking FOR EACH ROW "
        "EXECUTE FUNCTION count_booking()"
    ),
    (
        "CREATE TRIGGER open_day_booking_kept BEFORE DELETE OR TRUNCATE ON open_day_booking FOR EACH "
        "STATEMENT EXECUTE FUNCTION refuse_change()"
    ),
)


def upgrade() -> None:
    op.create_table(
        "file_use",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_file_use_file_id")),
        sa.PrimaryKeyConstraint("file_id", "subject_kind", "subject_id", name=op.f("pk_file_use")),
    )
    op.create_index("ix_file_use_subject", "file_use", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "post",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("milestone", sa.Text(), nullable=True),
        sa.Column("month", sa.Date(), nullable=True),
        sa.Column("everywhere", sa.Boolean(), nullable=False),
        sa.Column("steps", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("must_confirm", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), server_default="draft", nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("edited_by", sa.Uuid(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("scheduled_by", sa.Uuid(), nullable=True),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_by", sa.Uuid(), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "(kind = 'correction') = (corrects_id IS NOT NULL)", name=op.f("ck_post_correction")
        ),
        sa.CheckConstraint(
            "(kind = 'planning_or_design_change') <= must_confirm", name=op.f("ck_post_must_confirm")
        ),
        sa.CheckConstraint(
            "(state = 'draft') = (reviewed_at IS NULL) AND (reviewed_at IS NULL) <= (publish_at IS NULL)",
            name=op.f("ck_post_reviewed"),
        ),
        sa.CheckConstraint(
            "(state = 'taken_back') = (taken_back_at IS NOT NULL) AND (taken_back_at IS NULL) = (taken_back_by IS NULL) AND (taken_back_at IS NULL) = (taken_back_reason IS NULL)",
            name=op.f("ck_post_taken_back"),
        ),
        sa.CheckConstraint(
            "(state IN ('published', 'taken_back')) = (published_at IS NOT NULL)",
            name=op.f("ck_post_published"),
        ),
        sa.CheckConstraint(
            "(state IN ('scheduled', 'published', 'taken_back')) = (publish_at IS NOT NULL)",
            name=op.f("ck_post_scheduled"),
        ),
        sa.CheckConstraint(
            "kind IN ('progress', 'planning_or_design_change', 'letter_home', 'newsletter', 'open_day', 'correction')",
            name=op.f("ck_post_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'reviewed', 'scheduled', 'published', 'taken_back')",
            name=op.f("ck_post_state"),
        ),
        sa.CheckConstraint("(publish_at IS NULL) = (scheduled_by IS NULL)", name=op.f("ck_post_scheduler")),
        sa.CheckConstraint(
            "(reviewed_at IS NOT NULL) <= (reviewed_by IS NOT NULL)", name=op.f("ck_post_reviewer")
        ),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_post_month")),
        sa.CheckConstraint(
            "reviewed_by <> written_by AND reviewed_by <> edited_by", name=op.f("ck_post_reviewed_by_another")
        ),
        sa.ForeignKeyConstraint(["corrects_id"], ["post.id"], name=op.f("fk_post_corrects_id")),
        sa.ForeignKeyConstraint(["edited_by"], ["account.id"], name=op.f("fk_post_edited_by")),
        sa.ForeignKeyConstraint(["project_id"], ["project.node_id"], name=op.f("fk_post_project_id")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["account.id"], name=op.f("fk_post_reviewed_by")),
        sa.ForeignKeyConstraint(["scheduled_by"], ["account.id"], name=op.f("fk_post_scheduled_by")),
        sa.ForeignKeyConstraint(["taken_back_by"], ["account.id"], name=op.f("fk_post_taken_back_by")),
        sa.ForeignKeyConstraint(["written_by"], ["account.id"], name=op.f("fk_post_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    op.create_index("ix_post_corrects_id", "post", ["corrects_id"], unique=False)
    op.create_index(
        "ix_post_feed",
        "post",
        ["project_id", "published_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_index("ix_post_list", "post", ["project_id", "created_at", "id"], unique=False)
    op.create_table(
        "post_building",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_post_building_percent")),
        sa.ForeignKeyConstraint(["building_id"], ["node.id"], name=op.f("fk_post_building_building_id")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_building_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "building_id", name=op.f("pk_post_building")),
    )
    op.create_table(
        "post_photo",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("viewpoint", sa.Text(), nullable=True),
        sa.Column("caption", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_post_photo_file_id")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_photo_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "file_id", name=op.f("pk_post_photo")),
    )
    op.create_index(
        "ix_post_photo_viewpoint",
        "post_photo",
        ["viewpoint"],
        unique=False,
        postgresql_where=sa.text("viewpoint IS NOT NULL"),
    )
    op.create_index("uq_post_photo_place", "post_photo", ["post_id", "place"], unique=True)
    op.create_table(
        "post_receipt",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("ownership_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(read_at IS NULL) <= (confirmed_at IS NULL)", name=op.f("ck_post_receipt_confirmed")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_post_receipt_account_id")),
        sa.ForeignKeyConstraint(
            ["ownership_id"], ["ownership.id"], name=op.f("fk_post_receipt_ownership_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_receipt_post_id")),
        sa.PrimaryKeyConstraint("post_id", "account_id", name=op.f("pk_post_receipt")),
    )
    op.create_table(
        "open_day_slot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("booked", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("booked BETWEEN 0 AND capacity", name=op.f("ck_open_day_slot_capacity")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_open_day_slot_times")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_open_day_slot_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_day_slot")),
    )
    op.create_index("ix_open_day_slot_post_id", "open_day_slot", ["post_id", "starts_at", "id"], unique=False)
    op.create_table(
        "open_day_booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("ownership_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("persons > 0", name=op.f("ck_open_day_booking_persons")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_open_day_booking_account_id")),
        sa.ForeignKeyConstraint(
            ["ownership_id"], ["ownership.id"], name=op.f("fk_open_day_booking_ownership_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_open_day_booking_post_id")),
        sa.ForeignKeyConstraint(["slot_id"], ["open_day_slot.id"], name=op.f("fk_open_day_booking_slot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_day_booking")),
    )
    op.create_index("ix_open_day_booking_list", "open_day_booking", ["post_id", "id"], unique=False)
    op.create_index("ix_open_day_booking_slot_id", "open_day_booking", ["slot_id"], unique=False)
    op.create_index(
        "uq_open_day_booking_home",
        "open_day_booking",
        ["post_id", "ownership_id"],
        unique=True,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    for statement in (*_FUNCTIONS, *_TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("open_day_booking")
    op.drop_table("open_day_slot")
    op.drop_table("post_receipt")
    op.drop_table("post_photo")
    op.drop_table("post_building")
    op.drop_table("post")
    op.drop_table("file_use")
    op.execute("DROP FUNCTION count_booking")
    op.execute("DROP FUNCTION keep_post_part")
    op.execute("DROP FUNCTION keep_post")

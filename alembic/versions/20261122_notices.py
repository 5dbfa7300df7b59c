"""Notices: the inbox, deliveries, devices, what people have chosen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_notices"
down_revision = "20261122_agents_on_shift"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stopped_channel",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel IN ('push', 'sms', 'email')", name=op.f("ck_stopped_channel_channel")),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_stopped_channel")),
    )
    op.create_table(
        "device",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("app_version", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_why", sa.Text(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint("locale IN ('zh-CN', 'zh-TW', 'en')", name=op.f("ck_device_locale")),
        sa.CheckConstraint("platform IN ('android', 'ios', 'web')", name=op.f("ck_device_platform")),
        sa.CheckConstraint(
            "retired_why IN ('signed_out', 'moved', 'unregistered', 'invalid', 'sender_mismatch', 'stale')",
            name=op.f("ck_device_retired_why"),
        ),
        sa.CheckConstraint("(retired_at IS NULL) = (retired_why IS NULL)", name=op.f("ck_device_retired")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_device_account_id")),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_device")),
    )
    op.create_index(
        "ix_device_seen_at",
        "device",
        ["seen_at"],
        unique=False,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_index(
        "uq_device_token", "device", ["token"], unique=True, postgresql_where=sa.text("retired_at IS NULL")
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=True),
        sa.Column("thread_seq", sa.Integer(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint("jsonb_typeof(data) = 'object'", name=op.f("ck_notice_data")),
        sa.CheckConstraint("(thread_seq IS NULL) OR (thread_id IS NOT NULL)", name=op.f("ck_notice_thread")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_notice_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(
        "ix_notice_account_id_id",
        "notice",
        ["account_id", "id"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index("ix_notice_subject_id", "notice", ["subject_id"], unique=False)
    op.create_index(
        "ix_notice_told_lines",
        "notice",
        ["account_id", "thread_id", "thread_seq"],
        unique=False,
        postgresql_where=sa.text("thread_seq IS NOT NULL"),
    )
    op.create_index(
        "ix_notice_unread",
        "notice",
        ["account_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL AND superseded_at IS NULL"),
    )
    op.create_index("uq_notice_account_id_key", "notice", ["account_id", "key"], unique=True)
    op.create_table(
        "notice_preference",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notice_preference_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "kind", name=op.f("pk_notice_preference")),
    )
    op.create_table(
        "notice_settings",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("zone", sa.Text(), server_default="Asia/Shanghai", nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "email ~ '^[^@[:space:]]+@[^@[:space:]]+$'", name=op.f("ck_notice_settings_email")
        ),
        sa.CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL)", name=op.f("ck_notice_settings_quiet_whole")
        ),
        sa.CheckConstraint("quiet_from <> quiet_until", name=op.f("ck_notice_settings_quiet")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notice_settings_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_notice_settings")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("follows", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_why", sa.Text(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint("(channel = 'push') = (device_id IS NOT NULL)", name=op.f("ck_delivery_device")),
        sa.CheckConstraint(
            "(state = 'accepted') <= (accepted_at IS NOT NULL)", name=op.f("ck_delivery_accepted")
        ),
        sa.CheckConstraint(
            "(state = 'leased') = (leased_until IS NOT NULL)", name=op.f("ck_delivery_leased")
        ),
        sa.CheckConstraint("channel IN ('push', 'sms', 'email')", name=op.f("ck_delivery_channel")),
        sa.CheckConstraint("lane IN ('urgent', 'normal', 'bulk')", name=op.f("ck_delivery_lane")),
        sa.CheckConstraint("state <> 'ambiguous' OR reason IS NOT NULL", name=op.f("ck_delivery_ambiguous")),
        sa.CheckConstraint(
            "state IN ('waiting', 'deferred', 'leased', 'accepted', 'dead', 'refused', 'ambiguous', 'suppressed', 'given_up')",
            name=op.f("ck_delivery_state"),
        ),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_why IS NULL)", name=op.f("ck_delivery_decided")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_delivery_attempts")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_delivery_expires_at")),
        sa.ForeignKeyConstraint(
            ["account_id", "device_id"],
            ["device.account_id", "device.id"],
            name=op.f("fk_delivery_account_id_device_id"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_delivery_account_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_delivery_decided_by")),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_delivery_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(
        "ix_delivery_ambiguous",
        "delivery",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'ambiguous'"),
    )
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["lane", "channel", "not_before", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'deferred')"),
    )
    op.create_index(
        "ix_delivery_leased",
        "delivery",
        ["leased_until"],
        unique=False,
        postgresql_where=sa.text("state = 'leased'"),
    )
    op.create_index("uq_delivery_notice_id", "delivery", ["notice_id", "channel", "address"], unique=True)
    op.add_column("mailbox_message", sa.Column("channel", sa.Text(), server_default="sms", nullable=False))


def downgrade() -> None:
    op.drop_column("mailbox_message", "channel")
    op.drop_index("uq_delivery_notice_id", table_name="delivery")
    op.drop_index("ix_delivery_leased", table_name="delivery", postgresql_where=sa.text("state = 'leased'"))
    op.drop_index(
        "ix_delivery_due", table_name="delivery", postgresql_where=sa.text("state IN ('waiting', 'deferred')")
    )
    op.drop_index(
        "ix_delivery_ambiguous", table_name="delivery", postgresql_where=sa.text("state = 'ambiguous'")
    )
    op.drop_table("delivery")
    op.drop_table("notice_settings")
    op.drop_table("notice_preference")
    op.drop_index("uq_notice_account_id_key", table_name="notice")
    op.drop_index(
        "ix_notice_unread",
        table_name="notice",
        postgresql_where=sa.text("read_at IS NULL AND superseded_at IS NULL"),
    )
    op.drop_index(
        "ix_notice_told_lines", table_name="notice", postgresql_where=sa.text("thread_seq IS NOT NULL")
    )
    op.drop_index("ix_notice_subject_id", table_name="notice")
    op.drop_index(
        "ix_notice_account_id_id", table_name="notice", postgresql_where=sa.text("superseded_at IS NULL")
    )
    op.drop_table("notice")
    op.drop_index("uq_device_token", table_name="device", postgresql_where=sa.text("retired_at IS NULL"))
    op.drop_index("ix_device_seen_at", table_name="device", postgresql_where=sa.text("retired_at IS NULL"))
    op.drop_table("device")
    op.drop_table("stopped_channel")

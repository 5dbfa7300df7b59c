"""The house stands.

The first revision: accounts, the estate tree, homes, ownerships, imports, the outbox.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_the_house_stands"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
    op.execute(
        """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$"""
    )
    op.execute(
        """CREATE FUNCTION app_now() RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN now() + coalesce((SELECT shift FROM clock_shift), '0');
END $$"""
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("employee_no", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), server_default="zh-CN", nullable=False),
        sa.Column("identity_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("identity_index", sa.LargeBinary(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "(kind = 'staff') = (employee_no IS NOT NULL)", name=op.f("ck_account_employee_no")
        ),
        sa.CheckConstraint("kind IN ('owner', 'staff')", name=op.f("ck_account_kind")),
        sa.CheckConstraint("phone ~ '^\\+[1-9][0-9]{6,14}$'", name=op.f("ck_account_phone_e164")),
        sa.CheckConstraint(
            "(identity_sealed IS NULL) = (identity_index IS NULL)", name=op.f("ck_account_identity_whole")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index("ix_account_identity_index", "account", ["identity_index"], unique=False)
    op.create_index(
        "uq_account_employee_no", "account", [sa.literal_column("upper(employee_no)")], unique=True
    )
    op.create_index(
        "uq_account_phone", "account", ["phone"], unique=True, postgresql_where=sa.text("kind = 'owner'")
    )
    op.create_table(
        "clock_shift",
        sa.Column("only_row", sa.Boolean(), nullable=False),
        sa.Column("shift", sa.Interval(), nullable=False),
        sa.CheckConstraint("shift >= '0'::interval", name=op.f("ck_clock_shift_forward")),
        sa.CheckConstraint("only_row", name=op.f("ck_clock_shift_only_row")),
        sa.PrimaryKeyConstraint("only_row", name=op.f("pk_clock_shift")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "mailbox_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_message")),
        sa.UniqueConstraint("reference", name=op.f("uq_mailbox_message_reference")),
    )
    op.create_table(
        "node",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("path", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "(kind = 'company') = (parent_id IS NULL)", name=op.f("ck_node_only_company_is_root")
        ),
        sa.CheckConstraint("kind IN ('company', 'region', 'project', 'building')", name=op.f("ck_node_kind")),
        sa.CheckConstraint("path[array_length(path, 1)] = id", name=op.f("ck_node_path_ends_here")),
        sa.ForeignKeyConstraint(["parent_id"], ["node.id"], name=op.f("fk_node_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node")),
    )
    op.create_index("ix_node_path", "node", ["path"], unique=False, postgresql_using="gin")
    op.create_index(
        "uq_node_company", "node", ["kind"], unique=True, postgresql_where=sa.text("kind = 'company'")
    )
    op.create_index("uq_node_parent_id_key", "node", ["parent_id", "key"], unique=True)
    op.create_table(
        "one_time_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name=op.f("ck_one_time_code_tries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
    )
    op.create_index(
        "ix_one_time_code_address_created_at", "one_time_code", ["address", "created_at"], unique=False
    )
    op.create_index(
        "ix_one_time_code_phone_created_at", "one_time_code", ["phone", "created_at"], unique=False
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(), server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint("state IN ('pending', 'parked')", name=op.f("ck_outbox_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("employee_no", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index("ix_sign_in_attempt_at", "sign_in_attempt", ["at"], unique=False)
    op.create_index(
        "ix_sign_in_attempt_employee_no_at", "sign_in_attempt", ["employee_no", "at"], unique=False
    )
    op.create_table(
        "position",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("trades", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        postgresql.ExcludeConstraint(
            (sa.column("account_id"), "="),
            (sa.column("node_id"), "="),
            (sa.column("role"), "="),
            (sa.text("daterange(since, until)"), "&&"),
            using="gist",
            name="ex_position_held_once",
        ),
        sa.CheckConstraint("role = 'repair_engineer' OR trades = '{}'", name=op.f("ck_position_trades")),
        sa.CheckConstraint(
            "role IN ('hotline_agent', 'complaint_specialist', 'customer_manager', 'customer_ambassador', 'customer_relations_specialist', 'customer_service_specialist', 'sales_site_manager', 'project_engineer', 'repair_engineer', 'property_manager', 'head_of_customer_relations', 'leader_in_charge', 'quality_department', 'administrator')",
            name=op.f("ck_position_role"),
        ),
        sa.CheckConstraint("until > since", name=op.f("ck_position_dates")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_position_account_id")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_position_node_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position")),
    )
    op.create_index("ix_position_node_id", "position", ["node_id"], unique=False)
    op.create_table(
        "project",
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("service_centre", sa.Text(), nullable=True),
        sa.Column("hotline", sa.Text(), nullable=True),
        sa.Column("service_hours", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_project_node_id")),
        sa.ForeignKeyConstraint(["region_id"], ["node.id"], name=op.f("fk_project_region_id")),
        sa.PrimaryKeyConstraint("node_id", name=op.f("pk_project")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "reveal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("field IN ('phone', 'name', 'identity')", name=op.f("ck_reveal_field")),
        sa.CheckConstraint("length(reason) >= 2", name=op.f("ck_reveal_reason")),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_reveal_actor_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["account.id"], name=op.f("fk_reveal_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveal")),
    )
    op.create_index("ix_reveal_subject_id", "reveal", ["subject_id", "id"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_session_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_session_token_digest")),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"], unique=False)
    op.create_table(
        "staff_credential",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_staff_credential_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_staff_credential")),
    )
    op.create_table(
        "home",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=False),
        sa.Column("building", sa.Text(), nullable=False),
        sa.Column("building_key", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("unit_key", sa.Text(), server_default="", nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("room_key", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=True),
        sa.Column("area", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("fitout", sa.Text(), nullable=True),
        sa.Column("search_words", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint("area > 0", name=op.f("ck_home_area")),
        sa.ForeignKeyConstraint(["building_id"], ["node.id"], name=op.f("fk_home_building_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.node_id"], name=op.f("fk_home_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home")),
    )
    op.create_index("ix_home_list", "home", ["project_id", "sort_key", "id"], unique=False)
    op.create_index("ix_home_room_key", "home", ["project_id", "room_key", "sort_key", "id"], unique=False)
    op.create_index(
        "ix_home_search",
        "home",
        ["project_id", "search_words"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_words": "gin_trgm_ops"},
    )
    op.create_index("uq_home_place", "home", ["building_id", "unit_key", "room_key"], unique=True)
    op.create_table(
        "import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_digest", sa.LargeBinary(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("project", sa.Text(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("scope", postgresql.ARRAY(sa.UUID()), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), server_default="received", nullable=False),
        sa.Column("progress", sa.Integer(), server_default="0", nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("sums", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("accept_good_rows", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('received', 'reading', 'read', 'committing', 'committed', 'refused')",
            name=op.f("ck_import_state"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_import_account_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.node_id"], name=op.f("fk_import_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
    )
    op.create_table(
        "import_row",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("column", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("notes", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("record_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("effect", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('ok', 'refused', 'skipped')", name=op.f("ck_import_row_state")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import.id"], name=op.f("fk_import_row_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_import_row")),
    )
    op.create_index("ix_import_row_state", "import_row", ["import_id", "state", "row"], unique=False)
    op.create_table(
        "ownership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("contract_no", sa.Text(), nullable=True),
        sa.Column("subscribed_on", sa.Date(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("delivery_due_on", sa.Date(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("keys_on", sa.Date(), nullable=True),
        sa.Column("moved_in_on", sa.Date(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("consultant", sa.Text(), nullable=True),
        sa.Column("specialist", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("current_from", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        postgresql.ExcludeConstraint(
            (sa.column("home_id"), "="),
            (sa.text("daterange(current_from, ended_on)"), "&&"),
            using="gist",
            name="ex_ownership_one_current",
        ),
        sa.CheckConstraint(
            "delivered_on >= greatest(subscribed_on, signed_on)", name=op.f("ck_ownership_delivered_in_order")
        ),
        sa.CheckConstraint("delivery_due_on >= signed_on", name=op.f("ck_ownership_due_after_signed")),
        sa.CheckConstraint("ended_on >= current_from", name=op.f("ck_ownership_ended_after_current")),
        sa.CheckConstraint(
            "keys_on >= greatest(subscribed_on, signed_on, delivered_on)",
            name=op.f("ck_ownership_keys_in_order"),
        ),
        sa.CheckConstraint(
            "moved_in_on >= greatest(subscribed_on, signed_on, delivered_on, keys_on)",
            name=op.f("ck_ownership_moved_in_in_order"),
        ),
        sa.CheckConstraint("signed_on >= subscribed_on", name=op.f("ck_ownership_signed_after_subscribed")),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_ownership_home_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.node_id"], name=op.f("fk_ownership_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ownership")),
    )
    op.create_index("ix_ownership_home_id", "ownership", ["home_id"], unique=False)
    op.create_index("uq_ownership_contract_no", "ownership", ["project_id", "contract_no"], unique=True)
    op.create_table(
        "household_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ownership_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('owner', 'family', 'tenant')", name=op.f("ck_household_member_role")),
        sa.CheckConstraint("ended_at >= since", name=op.f("ck_household_member_dates")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_household_member_account_id")),
        sa.ForeignKeyConstraint(
            ["ownership_id"],
            ["ownership.id"],
            name=op.f("fk_household_member_ownership_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_member")),
    )
    op.create_index(
        "ix_household_member_account_id",
        "household_member",
        ["account_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_household_member_current",
        "household_member",
        ["ownership_id", "account_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ownership_id", sa.Uuid(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint("role IN ('family', 'tenant')", name=op.f("ck_invitation_role")),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'withdrawn', 'expired')",
            name=op.f("ck_invitation_state"),
        ),
        sa.ForeignKeyConstraint(["invited_by"], ["account.id"], name=op.f("fk_invitation_invited_by")),
        sa.ForeignKeyConstraint(
            ["ownership_id"], ["ownership.id"], name=op.f("fk_invitation_ownership_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
    )
    op.create_index("ix_invitation_phone", "invitation", ["phone"], unique=False)
    op.create_index(
        "uq_invitation_open",
        "invitation",
        ["ownership_id", "phone"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "ownership_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ownership_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_ownership_change_actor_id")),
        sa.ForeignKeyConstraint(["import_id"], ["import.id"], name=op.f("fk_ownership_change_import_id")),
        sa.ForeignKeyConstraint(
            ["ownership_id"], ["ownership.id"], name=op.f("fk_ownership_change_ownership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ownership_change")),
    )
    op.create_index(
        "ix_ownership_change_ownership_id", "ownership_change", ["ownership_id", "id"], unique=False
    )
    op.execute(
        "CREATE TRIGGER ownership_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ownership_change FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        """CREATE FUNCTION home_search_words(home uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(' ' || string_agg(words, ' ' ORDER BY words), '') FROM (
        SELECT DISTINCT lower(words) AS words
        FROM ownership o
        JOIN household_member m ON m.ownership_id = o.id AND m.ended_at IS NULL
        JOIN account a ON a.id = m.account_id
        CROSS JOIN LATERAL (
            SELECT substr(a.name, i) FROM generate_series(1, length(a.name)) i
            UNION ALL SELECT ltrim(a.phone, '+')
            UNION ALL SELECT substr(a.phone, 4) WHERE a.phone LIKE '+86%'
            UNION ALL SELECT right(a.phone, 4)
        ) AS w(words)
        WHERE o.home_id = home AND o.ended_on IS NULL AND words <> ''
    ) AS found
$$"""
    )
    op.execute(
        """CREATE FUNCTION home_search_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    homes uuid[];
BEGIN
    IF TG_TABLE_NAME = 'ownership' THEN
        SELECT array_agg(DISTINCT home_id) INTO homes FROM changed;
    ELSIF TG_TABLE_NAME = 'household_member' THEN
        SELECT array_agg(DISTINCT o.home_id) INTO homes FROM changed c JOIN ownership o ON o.id = c.ownership_id;
    ELSE
        SELECT array_agg(DISTINCT o.home_id) INTO homes
        FROM changed c
        JOIN household_member m ON m.account_id = c.id AND m.ended_at IS NULL
        JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL;
    END IF;
    UPDATE home SET search_words = found.words
    FROM (SELECT id, home_search_words(id) AS words FROM unnest(homes) AS of_these (id)) AS found
    WHERE home.id = found.id AND home.search_words <> found.words;
    RETURN NULL;
END $$"""
    )
    op.execute(
        "CREATE TRIGGER household_member_search_insert AFTER INSERT ON household_member REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION home_search_follow()"
    )
    op.execute(
        "CREATE TRIGGER household_member_search_update AFTER UPDATE ON household_member REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION home_search_follow()"
    )
    op.execute(
        "CREATE TRIGGER household_member_search_delete AFTER DELETE ON household_member REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION home_search_follow()"
    )
    op.execute(
        "CREATE TRIGGER account_search_update AFTER UPDATE ON account REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION home_search_follow()"
    )
    op.execute(
        "CREATE TRIGGER ownership_search_update AFTER UPDATE ON ownership REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION home_search_follow()"
    )
    op.execute(
        "CREATE TRIGGER reveal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reveal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    """There is nothing before the first migration: drop the database instead."""
    raise RuntimeError("drop the database instead")

"""Projects, homes, ownerships with their audit trail, imports. Regions, projects, buildings are nodes of the tree."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.db.ddl import after_tables, append_only


class Project(Base):
    """The facts of a project node.

    Its dates are set by hand; where `first_delivery_on` and `mass_move_in_on` are not, they follow from the
    ownerships.
    """

    __tablename__ = "project"

    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"), primary_key=True)
    region_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    name: Mapped[str]
    phase: Mapped[str | None]
    address: Mapped[str | None]
    service_centre: Mapped[str | None]
    hotline: Mapped[str | None]
    service_hours: Mapped[str | None]
    sales_open_on: Mapped[date | None]
    first_delivery_on: Mapped[date | None]
    mass_move_in_on: Mapped[date | None]
    mass_move_in_ends_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[CreatedAt]

    __mapper_args__ = {"version_id_col": version}


class Home(Base):
    """A home. The keys are how it is compared (`0501` and `501` are one room); the plain columns how it is shown.

    `search_words` is kept by the database from the people of its current ownership: every ending of every name, every
    phone and its last four digits, so that any part somebody types is the beginning of a word.
    """

    __tablename__ = "home"
    __table_args__ = (
        Index("uq_home_place", "building_id", "unit_key", "room_key", unique=True),
        Index("ix_home_list", "project_id", "sort_key", "id"),
        Index("ix_home_room_key", "project_id", "room_key", "sort_key", "id"),
        Index(
            "ix_home_search",
            "project_id",
            "search_words",
            postgresql_using="gin",
            postgresql_ops={"search_words": "gin_trgm_ops"},
        ),
        CheckConstraint("area > 0", name="area"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"))
    building_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    building: Mapped[str]
    building_key: Mapped[str]
    unit: Mapped[str] = mapped_column(default="", server_default="")
    unit_key: Mapped[str] = mapped_column(default="", server_default="")
    room: Mapped[str]
    room_key: Mapped[str]
    sort_key: Mapped[str]
    layout: Mapped[str | None]
    area: Mapped[Decimal | None] = mapped_column(Numeric(9, 2))
    fitout: Mapped[str | None]
    search_words: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[CreatedAt]


class Ownership(Base):
    """One contract over one home, with its dates (local calendar days). A home has at most one current ownership.

    `current_from` and `ended_on` span the time it was the home's ownership; an ended one stays, as history.
    """

    __tablename__ = "ownership"
    __table_args__ = (
        CheckConstraint("signed_on >= subscribed_on", name="signed_after_subscribed"),
        CheckConstraint("delivery_due_on >= signed_on", name="due_after_signed"),
        # greatest() passes over what is not known.
        CheckConstraint("delivered_on >= greatest(subscribed_on, signed_on)", name="delivered_in_order"),
        CheckConstraint("keys_on >= greatest(subscribed_on, signed_on, delivered_on)", name="keys_in_order"),
        CheckConstraint(
            "moved_in_on >= greatest(subscribed_on, signed_on, delivered_on, keys_on)",
            name="moved_in_in_order",
        ),
        CheckConstraint("ended_on >= current_from", name="ended_after_current"),
        ExcludeConstraint(
            ("home_id", "="),
            (text("daterange(current_from, ended_on)"), "&&"),
            name="ex_ownership_one_current",
            using="gist",
        ),
        Index("ix_ownership_home_id", "home_id"),
        Index("uq_ownership_contract_no", "project_id", "contract_no", unique=True),
    )

    id: Mapped[Id]
    home_id: Mapped[UUID] = mapped_column(ForeignKey("home.id"))
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"))
    contract_no: Mapped[str | None]
    subscribed_on: Mapped[date | None]
    signed_on: Mapped[date | None]
    delivery_due_on: Mapped[date | None]
    delivered_on: Mapped[date | None]
    keys_on: Mapped[date | None]
    moved_in_on: Mapped[date | None]
    address: Mapped[str | None]
    consultant: Mapped[str | None]
    specialist: Mapped[str | None]
    remark: Mapped[str | None]
    current_from: Mapped[date]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[CreatedAt]

    __mapper_args__ = {"version_id_col": version}


class OwnershipChange(Base):
    """A line of an ownership's audit trail: who changed what, to what, why. The database refuses to alter one."""

    __tablename__ = "ownership_change"
    __table_args__ = (Index("ix_ownership_change_ownership_id", "ownership_id", "id"),)

    id: Mapped[Id]
    ownership_id: Mapped[UUID] = mapped_column(ForeignKey("ownership.id"))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    act: Mapped[Literal["created", "imported", "edited", "ended"]] = mapped_column(String)
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str | None]
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("import.id"))
    at: Mapped[datetime]


class Import(Base):
    """A workbook on its way in: received → reading → read (a report to look at) → committing → committed, or refused.

    The file waits under its id until it is read. `facts` is what it says of its project, `scope` the nodes its uploader
    may import into (null: any, from the command line), `code` and `params` why the whole file is refused.
    """

    __tablename__ = "import"
    __table_args__ = (
        CheckConstraint(
            "state IN ('received', 'reading', 'read', 'committing', 'committed', 'refused')",
            name="state",
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    file_name: Mapped[str]
    file_digest: Mapped[bytes]
    region: Mapped[str | None]
    project: Mapped[str | None]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    scope: Mapped[list[UUID] | None] = mapped_column(ARRAY(PgUUID(as_uuid=True)))
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.node_id"))
    state: Mapped[Literal["received", "reading", "read", "committing", "committed", "refused"]] = (
        mapped_column(String, default="received", server_default="received")
    )
    progress: Mapped[int] = mapped_column(default=0, server_default="0")
    code: Mapped[str | None]
    params: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    sums: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    accept_good_rows: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[CreatedAt]
    committed_at: Mapped[datetime | None]


class ImportRow(Base):
    """A judged row of an import. `record_sealed` is what it would write, sealed, because it names people."""

    __tablename__ = "import_row"
    __table_args__ = (
        CheckConstraint("state IN ('ok', 'refused', 'skipped')", name="state"),
        Index("ix_import_row_state", "import_id", "state", "row"),
    )

    import_id: Mapped[UUID] = mapped_column(ForeignKey("import.id", ondelete="CASCADE"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[Literal["ok", "refused", "skipped"]] = mapped_column(String)
    column: Mapped[str | None]
    code: Mapped[str | None]
    params: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    notes: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default="[]")
    record_sealed: Mapped[bytes | None]
    effect: Mapped[str | None]


append_only("ownership_change")

# `search_words` follows its sources, whoever writes them.
after_tables(
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
# A statement at a time: an import writes a thousand households in one.
after_tables(
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
for _table, _event, _rows in (
    ("household_member", "INSERT", "NEW"),
    ("household_member", "UPDATE", "NEW"),
    ("household_member", "DELETE", "OLD"),
    ("account", "UPDATE", "NEW"),
    ("ownership", "UPDATE", "NEW"),
):
    after_tables(
        f"CREATE TRIGGER {_table}_search_{_event.lower()} AFTER {_event} ON {_table}"
        f" REFERENCING {_rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION home_search_follow()"
    )

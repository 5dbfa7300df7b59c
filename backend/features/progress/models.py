"""Posts with their buildings and photos and whom they name, who has read them, and open days with their places."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.db.ddl import after_tables
from backend.features.progress.rules import KINDS, STATES, Kind, State


def _in(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Post(Base):
    """Something a project tells its owners: draft → reviewed → scheduled → published, perhaps taken back soon after.

    See `rules.Content` for what it says. `written_by` began it, `edited_by` changed it last; neither reviews it.
    `digest` is of what it was first sent as, so that a phone may send it again. `corrects_id` is the post that this one
    puts right. Published, it stays as it is: the database refuses every change but taking it back.
    """

    __tablename__ = "post"
    __table_args__ = (
        CheckConstraint(_in("kind", KINDS), name="kind"),
        CheckConstraint(_in("state", STATES), name="state"),
        CheckConstraint("(kind = 'correction') = (corrects_id IS NOT NULL)", name="correction"),
        CheckConstraint("(kind = 'planning_or_design_change') <= must_confirm", name="must_confirm"),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        CheckConstraint("reviewed_by <> written_by AND reviewed_by <> edited_by", name="reviewed_by_another"),
        CheckConstraint(
            "(state = 'draft') = (reviewed_at IS NULL) AND (reviewed_at IS NULL) <= (publish_at IS NULL)",
            name="reviewed",
        ),
        CheckConstraint("(reviewed_at IS NOT NULL) <= (reviewed_by IS NOT NULL)", name="reviewer"),
        CheckConstraint(
            "(state IN ('scheduled', 'published', 'taken_back')) = (publish_at IS NOT NULL)", name="scheduled"
        ),
        CheckConstraint("(publish_at IS NULL) = (scheduled_by IS NULL)", name="scheduler"),
        CheckConstraint(
            "(state IN ('published', 'taken_back')) = (published_at IS NOT NULL)", name="published"
        ),
        CheckConstraint(
            "(state = 'taken_back') = (taken_back_at IS NOT NULL)"
            " AND (taken_back_at IS NULL) = (taken_back_by IS NULL)"
            " AND (taken_back_at IS NULL) = (taken_back_reason IS NULL)",
            name="taken_back",
        ),
        Index(
            "ix_post_feed", "project_id", "published_at", "id", postgresql_where=text("state = 'published'")
        ),
        Index("ix_post_list", "project_id", "created_at", "id"),
        Index("ix_post_corrects_id", "corrects_id"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"))
    kind: Mapped[Kind] = mapped_column(String)
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("post.id"))
    title: Mapped[str]
    text: Mapped[str]
    stage: Mapped[str | None]
    milestone: Mapped[str | None]
    month: Mapped[date | None]
    everywhere: Mapped[bool]
    steps: Mapped[list[str]] = mapped_column(ARRAY(String))
    must_confirm: Mapped[bool]
    state: Mapped[State] = mapped_column(String, default="draft", server_default="draft")
    digest: Mapped[bytes]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    edited_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    edited_at: Mapped[datetime]
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    reviewed_at: Mapped[datetime | None]
    opinion: Mapped[str | None]
    scheduled_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    publish_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    taken_back_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    taken_back_at: Mapped[datetime | None]
    taken_back_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[CreatedAt]

    __mapper_args__ = {"version_id_col": version}


class PostBuilding(Base):
    """A building that a post is about, and how far it is, in percent."""

    __tablename__ = "post_building"
    __table_args__ = (CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),)

    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    building_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"), primary_key=True)
    percent: Mapped[int | None]


class PostPhoto(Base):
    """A photo of a post, in its place. Photos of one `viewpoint` of a project are a series."""

    __tablename__ = "post_photo"
    __table_args__ = (
        Index("uq_post_photo_place", "post_id", "place", unique=True),
        Index("ix_post_photo_viewpoint", "viewpoint", postgresql_where=text("viewpoint IS NOT NULL")),
    )

    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("file.id"), primary_key=True)
    place: Mapped[int]
    viewpoint: Mapped[str | None]
    caption: Mapped[str | None]


class PostName(Base):
    """Somebody whom a post names or pictures, in their place: without their consent it is not published (CC-14)."""

    __tablename__ = "post_name"
    __table_args__ = (
        Index("uq_post_name_place", "post_id", "place", unique=True),
        Index("ix_post_name_account_id", "account_id"),
    )

    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    place: Mapped[int]


class PostReceipt(Base):
    """What became of a post with one account: told when it was published, read, confirmed.

    Later buyers were never told and may read it all the same. `ownership_id` is the home it came to them by.
    """

    __tablename__ = "post_receipt"
    __table_args__ = (CheckConstraint("(read_at IS NULL) <= (confirmed_at IS NULL)", name="confirmed"),)

    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    ownership_id: Mapped[UUID] = mapped_column(ForeignKey("ownership.id"))
    told_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]


class OpenDaySlot(Base):
    """One place and time of an open day. `booked` is kept by the database and never exceeds `capacity`."""

    __tablename__ = "open_day_slot"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="times"),
        CheckConstraint("booked BETWEEN 0 AND capacity", name="capacity"),
        Index("ix_open_day_slot_post_id", "post_id", "starts_at", "id"),
    )

    id: Mapped[Id]
    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    place: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]
    booked: Mapped[int] = mapped_column(default=0, server_default="0")


class OpenDayBooking(Base):
    """So many persons of a home come to a slot. A home books an open day once; what was cancelled stays on record."""

    __tablename__ = "open_day_booking"
    __table_args__ = (
        CheckConstraint("persons > 0", name="persons"),
        Index(
            "uq_open_day_booking_home",
            "post_id",
            "ownership_id",
            unique=True,
            postgresql_where=text("cancelled_at IS NULL"),
        ),
        Index("ix_open_day_booking_list", "post_id", "id"),
        Index("ix_open_day_booking_slot_id", "slot_id"),
    )

    id: Mapped[Id]
    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"))
    slot_id: Mapped[UUID] = mapped_column(ForeignKey("open_day_slot.id"))
    ownership_id: Mapped[UUID] = mapped_column(ForeignKey("ownership.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    persons: Mapped[int]
    booked_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


# What owners were told stays as they were told it: a mistake is put right by a post that follows.
after_tables(
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
END $$"""
)
after_tables(
    "CREATE TRIGGER post_kept BEFORE UPDATE OR DELETE ON post FOR EACH ROW EXECUTE FUNCTION keep_post()"
)
after_tables(
    """CREATE FUNCTION keep_post_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM post WHERE id IN (coalesce(NEW.post_id, OLD.post_id), OLD.post_id) AND published_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a published post stays as it is' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$"""
)
for _part, _columns in (
    ("post_building", ""),
    ("post_photo", ""),
    ("post_name", ""),
    ("open_day_slot", " OF post_id, place, starts_at, ends_at, capacity"),
):
    after_tables(
        f"CREATE TRIGGER {_part}_kept BEFORE INSERT OR UPDATE{_columns} OR DELETE ON {_part}"
        " FOR EACH ROW EXECUTE FUNCTION keep_post_part()"
    )

# Two who book the last place at once: the second waits for the first on the slot's row and is refused by its check.
after_tables(
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
END $$"""
)
after_tables(
    "CREATE TRIGGER open_day_booking_counted AFTER INSERT OR UPDATE ON open_day_booking"
    " FOR EACH ROW EXECUTE FUNCTION count_booking()"
)
after_tables(
    "CREATE TRIGGER open_day_booking_kept BEFORE DELETE OR TRUNCATE ON open_day_booking"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)

"""The inbox, what was sent of it and what became of that, the devices it goes to, what people have chosen."""

from datetime import datetime, time
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.db.ddl import after_tables
from backend.db.words import one_of
from backend.features.notices.kinds import CHANNELS, LANES

State = Literal[
    "waiting",
    "deferred",
    "leased",
    "accepted",
    "dead",
    "refused",
    "ambiguous",
    "suppressed",
    "given_up",
]
STATES: tuple[State, ...] = (
    "waiting",
    "deferred",
    "leased",
    "accepted",
    "dead",
    "refused",
    "ambiguous",
    "suppressed",
    "given_up",
)
Platform = Literal["android", "ios", "web"]


class Notice(Base):
    """A row in somebody's inbox: told once a `key`, whatever its channels make of it.

    `data` fills the placeholders of its kind; a value by language is an object. `thread_seq` is the last line that a
    notice of new lines tells of. `superseded_at`: a later one of the same thread says it all, or
    what it tells of was taken back; it is shown no more.
    """

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("jsonb_typeof(data) = 'object'", name="data"),
        CheckConstraint("(thread_seq IS NULL) OR (thread_id IS NOT NULL)", name="thread"),
        Index("uq_notice_account_id_key", "account_id", "key", unique=True),
        Index("ix_notice_account_id_id", "account_id", "id", postgresql_where=text("superseded_at IS NULL")),
        Index(
            "ix_notice_unread",
            "account_id",
            postgresql_where=text("read_at IS NULL AND superseded_at IS NULL"),
        ),
        Index(
            "ix_notice_told_lines",
            "account_id",
            "thread_id",
            "thread_seq",
            postgresql_where=text("thread_seq IS NOT NULL"),
        ),
        Index("ix_notice_subject_id", "subject_id"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str]
    key: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    thread_id: Mapped[UUID | None]
    thread_seq: Mapped[int | None]
    read_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


class Device(Base):
    """A phone or browser on which somebody uses the app. Its id is of its own making, and counts for one account.

    A token is alive on one device at a time; the database refuses a second. `session_id` is the session that told of it
    last: when that is ended, on whatever way, the device is retired with it.
    """

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint("platform IN ('android', 'ios', 'web')", name="platform"),
        CheckConstraint("locale IN ('zh-CN', 'zh-TW', 'en')", name="locale"),
        CheckConstraint("(retired_at IS NULL) = (retired_why IS NULL)", name="retired"),
        CheckConstraint(
            "retired_why IN ('signed_out', 'moved', 'unregistered', 'invalid', 'sender_mismatch', 'stale')",
            name="retired_why",
        ),
        Index("uq_device_token", "token", unique=True, postgresql_where=text("retired_at IS NULL")),
        Index("ix_device_seen_at", "seen_at", postgresql_where=text("retired_at IS NULL")),
        Index("ix_device_session_id", "session_id", postgresql_where=text("retired_at IS NULL")),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    platform: Mapped[Platform] = mapped_column(String)
    token: Mapped[str]
    app_version: Mapped[str]
    locale: Mapped[str]
    seen_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    retired_why: Mapped[str | None]
    session_id: Mapped[UUID | None]
    created_at: Mapped[CreatedAt]


after_tables(
    """CREATE FUNCTION session_leaves_devices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE device SET retired_at = app_now(), retired_why = 'signed_out'
    WHERE session_id = NEW.id AND retired_at IS NULL;
    RETURN NULL;
END $$"""
)
after_tables(
    "CREATE TRIGGER session_leaves_devices AFTER UPDATE OF revoked_at ON session"
    " FOR EACH ROW WHEN (old.revoked_at IS NULL AND new.revoked_at IS NOT NULL)"
    " EXECUTE FUNCTION session_leaves_devices()"
)


class Delivery(Base):
    """An attempt to make somebody look: one row a channel and address.

    `address` is a phone in E.164, an e-mail address, or of a push the device's id: its token may change until it is
    sent. Nothing is done before `not_before` nor after `expires_at`. While `leased` somebody has handed it over, or
    died doing so. `follows`: it only goes out when the push was taken by nobody, or nothing was read by `not_before`.
    `sealed` holds what may stand nowhere in clear (one-time codes), and is emptied once it is over. `said` is the proof
    of a legal notice: the very words that were handed over. `decided_by`: who let an ambiguous one go, and why.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint(one_of("channel", CHANNELS), name="channel"),
        CheckConstraint(one_of("lane", LANES), name="lane"),
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("expires_at > created_at", name="expires_at"),
        CheckConstraint("(state = 'leased') = (leased_until IS NOT NULL)", name="leased"),
        CheckConstraint("(state = 'accepted') <= (accepted_at IS NOT NULL)", name="accepted"),
        CheckConstraint("state <> 'ambiguous' OR reason IS NOT NULL", name="ambiguous"),
        CheckConstraint("(channel = 'push') = (device_id IS NOT NULL)", name="device"),
        CheckConstraint("(decided_by IS NULL) = (decided_why IS NULL)", name="decided"),
        ForeignKeyConstraint(["account_id", "device_id"], ["device.account_id", "device.id"]),
        Index("uq_delivery_notice_id", "notice_id", "channel", "address", unique=True),
        Index(
            "ix_delivery_due",
            "lane",
            "channel",
            "not_before",
            "id",
            postgresql_where=text("state IN ('waiting', 'deferred')"),
        ),
        Index("ix_delivery_leased", "leased_until", postgresql_where=text("state = 'leased'")),
        Index("ix_delivery_ambiguous", "id", postgresql_where=text("state = 'ambiguous'")),
    )

    id: Mapped[Id]
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str]
    channel: Mapped[str]
    address: Mapped[str]
    device_id: Mapped[UUID | None]
    lane: Mapped[str]
    locale: Mapped[str]
    follows: Mapped[bool] = mapped_column(default=False, server_default="false")
    state: Mapped[State] = mapped_column(String, default="waiting", server_default="waiting")
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    leased_until: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    provider_id: Mapped[str | None]
    reason: Mapped[str | None]
    sealed: Mapped[bytes | None]
    accepted_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_why: Mapped[str | None]
    said: Mapped[str | None]
    created_at: Mapped[CreatedAt]


class NoticePreference(Base):
    """A kind that somebody has switched off. No row: on."""

    __tablename__ = "notice_preference"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[CreatedAt]


class NoticeSettings(Base):
    """What somebody has chosen for all kinds: hours in which nothing rings, in their zone, and an e-mail address
    that they have proved to be theirs.
    """

    __tablename__ = "notice_settings"
    __table_args__ = (
        CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet_whole"),
        CheckConstraint("quiet_from <> quiet_until", name="quiet"),
        CheckConstraint("email ~ '^[^@[:space:]]+@[^@[:space:]]+$'", name="email"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    zone: Mapped[str] = mapped_column(default="Asia/Shanghai", server_default="Asia/Shanghai")
    email: Mapped[str | None]


class EmailCheck(Base):
    """A six-digit code on its way to an e-mail address that somebody says is theirs: kept as a digest, five tries.

    The rows are also the counts that limit how many mails one account can have sent to strangers.
    """

    __tablename__ = "email_check"
    __table_args__ = (
        CheckConstraint("tries BETWEEN 0 AND 5", name="tries"),
        CheckConstraint("email ~ '^[^@[:space:]]+@[^@[:space:]]+$'", name="email"),
        Index("ix_email_check_account_id", "account_id", "id"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    email: Mapped[str]
    digest: Mapped[bytes]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


class StoppedChannel(Base):
    """A channel that only an operator can set right: our account there is not in order. Everything for it waits."""

    __tablename__ = "stopped_channel"
    __table_args__ = (CheckConstraint(one_of("channel", CHANNELS), name="channel"),)

    channel: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    since: Mapped[datetime]


class DeliveryTally(Base):
    """How many messages became what, since there are any: as Prometheus counts."""

    __tablename__ = "delivery_tally"

    lane: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class DeliveryLateness(Base):
    """How long after they were due messages were taken: each row those at most `at_most` seconds, and their sum."""

    __tablename__ = "delivery_lateness"

    lane: Mapped[str] = mapped_column(primary_key=True)
    at_most: Mapped[float] = mapped_column(primary_key=True)
    sent: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float]


class ChannelBreaker(Base):
    """How a worker's breaker around a channel stood when it last said so, by the machine's clock, without the shift."""

    __tablename__ = "channel_breaker"
    __table_args__ = (CheckConstraint("state IN ('closed', 'open', 'probing')", name="state"),)

    worker: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    openings: Mapped[int]
    seen_at: Mapped[datetime]


class MailboxMessage(Base):
    """A message that development mode keeps instead of sending."""

    __tablename__ = "mailbox_message"

    id: Mapped[Id]
    channel: Mapped[str] = mapped_column(default="sms", server_default="sms")
    reference: Mapped[str] = mapped_column(unique=True)
    address: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[CreatedAt]

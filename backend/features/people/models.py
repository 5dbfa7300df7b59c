"""Accounts, how they sign in, their sessions, their households and their positions."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.db.words import one_of
from backend.features.people.rules import HOUSEHOLD_ROLES, ROLES

AccountKind = Literal["owner", "staff"]
HouseholdRole = Literal["owner", "family", "tenant"]


class Account(Base):
    """A person. An owner is found by phone (E.164), an employee by employee number.

    An owner without a phone is on record and cannot sign in. Identity-card numbers are sealed; `identity_index` is
    their keyed digest, so that equal numbers can be found without being readable.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("kind IN ('owner', 'staff')", name="kind"),
        CheckConstraint("(kind = 'staff') = (employee_no IS NOT NULL)", name="employee_no"),
        CheckConstraint("phone ~ '^\\+[1-9][0-9]{6,14}$'", name="phone_e164"),
        CheckConstraint("(identity_sealed IS NULL) = (identity_index IS NULL)", name="identity_whole"),
        Index("uq_account_phone", "phone", unique=True, postgresql_where=text("kind = 'owner'")),
        Index("uq_account_employee_no", text("upper(employee_no)"), unique=True),
        Index("ix_account_identity_index", "identity_index"),
    )

    id: Mapped[Id]
    kind: Mapped[AccountKind] = mapped_column(String)
    name: Mapped[str | None]
    phone: Mapped[str | None]
    employee_no: Mapped[str | None]
    locale: Mapped[str] = mapped_column(default="zh-CN", server_default="zh-CN")
    identity_sealed: Mapped[bytes | None]
    identity_index: Mapped[bytes | None]
    disabled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[CreatedAt]

    __mapper_args__ = {"version_id_col": version}


class OneTimeCode(Base):
    """A six-digit code on its way to a phone: a keyed digest, five minutes, five tries, one use.

    Every request writes a row, known phone or not; the rows are also the counts that limit requests when
    Valkey is away.
    """

    __tablename__ = "one_time_code"
    __table_args__ = (
        CheckConstraint("tries BETWEEN 0 AND 5", name="tries"),
        Index("ix_one_time_code_phone_created_at", "phone", "created_at"),
        Index("ix_one_time_code_address_created_at", "address", "created_at"),
    )

    id: Mapped[Id]
    phone: Mapped[str]
    digest: Mapped[bytes]
    address: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


class Session(Base):
    """A device that has signed in. The token itself is nowhere: only its SHA-256."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_account_id", "account_id"),)

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    device: Mapped[str]
    address: Mapped[str]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


class StaffCredential(Base):
    """How an employee signs in: argon2 password hash and, when enrolled, a sealed TOTP secret.

    `totp_step` is the last time step a code was accepted for, so that a code works once.
    """

    __tablename__ = "staff_credential"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    password_hash: Mapped[str]
    totp_sealed: Mapped[bytes | None]
    totp_confirmed_at: Mapped[datetime | None]
    totp_step: Mapped[int | None]


class RecoveryCode(Base):
    """A code that stands in once for a lost authenticator: keyed digest only."""

    __tablename__ = "recovery_code"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A staff sign-in, well or not: what the lockout counts. `employee_no` as typed, upper-cased; it may be
    nobody's.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_employee_no_at", "employee_no", "at"),
        Index("ix_sign_in_attempt_at", "at"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    employee_no: Mapped[str]
    address: Mapped[str]
    succeeded: Mapped[bool]
    at: Mapped[datetime]


class HouseholdMember(Base):
    """A person of a home: its owner, family or tenant, from a day until one. A member once, at any one time."""

    __tablename__ = "household_member"
    __table_args__ = (
        CheckConstraint(one_of("role", HOUSEHOLD_ROLES), name="role"),
        CheckConstraint("ended_at >= since", name="dates"),
        Index(
            "uq_household_member_current",
            "ownership_id",
            "account_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_household_member_account_id", "account_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[Id]
    ownership_id: Mapped[UUID] = mapped_column(ForeignKey("ownership.id", ondelete="CASCADE"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    role: Mapped[HouseholdRole] = mapped_column(String)
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Invitation(Base):
    """An owner asks somebody, by phone, into the household; it waits two weeks for an answer."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("role IN ('family', 'tenant')", name="role"),
        CheckConstraint("state IN ('open', 'accepted', 'declined', 'withdrawn', 'expired')", name="state"),
        Index(
            "uq_invitation_open",
            "ownership_id",
            "phone",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_invitation_phone", "phone"),
    )

    id: Mapped[Id]
    ownership_id: Mapped[UUID] = mapped_column(ForeignKey("ownership.id", ondelete="CASCADE"))
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    phone: Mapped[str]
    role: Mapped[Literal["family", "tenant"]] = mapped_column(String)
    state: Mapped[Literal["open", "accepted", "declined", "withdrawn", "expired"]] = mapped_column(
        String, default="open", server_default="open"
    )
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


class Position(Base):
    """A role held at a node of the estate tree, from a day until one (`until` is the first day it is no longer held).

    A repair engineer's position names trades; nobody holds one role at one node twice at a time.
    """

    __tablename__ = "position"
    __table_args__ = (
        CheckConstraint(one_of("role", list(ROLES)), name="role"),
        CheckConstraint("until > since", name="dates"),
        CheckConstraint("role = 'repair_engineer' OR trades = '{}'", name="trades"),
        ExcludeConstraint(
            ("account_id", "="),
            ("node_id", "="),
            ("role", "="),
            (text("daterange(since, until)"), "&&"),
            name="ex_position_held_once",
            using="gist",
        ),
        Index("ix_position_node_id", "node_id"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    role: Mapped[str]
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    trades: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default="{}")
    since: Mapped[date]
    until: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[CreatedAt]

    __mapper_args__ = {"version_id_col": version}

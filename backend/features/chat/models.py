"""Conversations, who takes part in them, the agents with their limits, and what owners thought of it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.db.ddl import after_tables, append_only
from backend.db.words import one_of
from backend.features.chat.rules import AGENT_STATES, CHANNELS, PARTS, STATES
from backend.platform.threads.models import Thread

State = Literal["waiting", "assigned", "snoozed", "closed"]
AgentState = Literal["available", "busy", "away", "off"]
Part = Literal["owner", "agent", "helper"]


class Agent(Base):
    """An employee at the hotline's desk. The row comes with the first conversation or state they take.

    `limit` is how many conversations at a time they hold; null: not set, no limit. `load` is how many they hold now,
    kept by the database. `seen_at` is when a socket of theirs was last there, by the database's real clock and not by
    the system's shift: presence is no matter of the estate's time. `on_shift`: they were on duty by the roster when it
    was last asked; false: they are here without a shift. `shift_until` is its end; null: none in sight.
    """

    __tablename__ = "agent"
    __table_args__ = (
        CheckConstraint(one_of("state", AGENT_STATES), name="state"),
        CheckConstraint('"limit" BETWEEN 1 AND 500', name="limit"),
        CheckConstraint("load >= 0", name="load"),
        CheckConstraint("shift_until IS NULL OR on_shift", name="shift"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    state: Mapped[AgentState] = mapped_column(String, default="off", server_default="off")
    limit: Mapped[int | None]
    skills: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default="{}")
    load: Mapped[int] = mapped_column(default=0, server_default="0")
    seen_at: Mapped[datetime | None]
    given_at: Mapped[datetime | None]
    on_shift: Mapped[bool] = mapped_column(default=False, server_default="false")
    shift_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class Conversation(Base):
    """One matter that somebody brings to a project's hotline; what is said stands on its thread.

    Whose it is: an account, somebody of an ownership's household, or a caller whom only `caller_note` describes.
    `shared`: the household may read it (`people.rules`, sight `conversations`). `node_id` is the home's building, or
    the project: staff see it by that. `step` is the customer's step when it was opened (CT-04). `role` is whose queue
    it waits in, `skill` what whoever takes it should know. `waiting_since` is since when the owner waits for an answer:
    it is kept when the conversation goes back to the queue. `passed_agent_id`: from whom it was taken back for silence,
    so that it does not come straight back. `told_id`, `told_role`, `told_at`: who was told that nobody is on duty.
    When it was first answered stands nowhere: it follows from the lines (`conversation_first_answer`).
    """

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint(one_of("channel", CHANNELS), name="channel"),
        CheckConstraint("num_nonnulls(account_id, ownership_id, caller_note) >= 1", name="somebodys"),
        CheckConstraint("NOT shared OR ownership_id IS NOT NULL", name="shared_in_a_household"),
        CheckConstraint(
            "CASE state WHEN 'waiting' THEN agent_id IS NULL WHEN 'closed' THEN true ELSE agent_id IS NOT NULL END",
            name="held",
        ),
        CheckConstraint("(state = 'waiting') <= (waiting_since IS NOT NULL)", name="waiting"),
        CheckConstraint("(state = 'snoozed') = (snoozed_until IS NOT NULL)", name="snoozed"),
        CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL) AND (state = 'closed') = (close_reason IS NOT NULL)",
            name="closed",
        ),
        CheckConstraint("(told_at IS NULL) = (told_role IS NULL)", name="told"),
        CheckConstraint("continues_id <> id", name="continues_another"),
        # The queue of a project, and what the sweep looks through.
        Index(
            "ix_conversation_queue",
            "project_id",
            "waiting_since",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_conversation_held", "agent_id", "id", postgresql_where=text("state = 'assigned'")),
        Index("ix_conversation_account_id", "account_id", "opened_at", "id"),
        Index("ix_conversation_ownership_id", "ownership_id", "opened_at", "id"),
        Index("ix_conversation_list", "opened_at", "id"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"))
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    ownership_id: Mapped[UUID | None] = mapped_column(ForeignKey("ownership.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    caller_note: Mapped[str | None]
    shared: Mapped[bool] = mapped_column(default=False, server_default="false")
    thread_id: Mapped[UUID] = mapped_column(ForeignKey(Thread.id), unique=True)
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    channel: Mapped[str]
    step: Mapped[str | None]
    role: Mapped[str] = mapped_column(default="hotline_agent", server_default="hotline_agent")
    skill: Mapped[str | None]
    state: Mapped[State] = mapped_column(String)
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.account_id"))
    passed_agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.account_id"))
    opened_at: Mapped[datetime]
    waiting_since: Mapped[datetime | None]
    promised_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None]
    told_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    told_role: Mapped[str | None]
    told_at: Mapped[datetime | None]
    continues_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}


class Participant(Base):
    """Somebody who takes part, from when until when: whose it is, the agent who holds it, those asked in to help."""

    __tablename__ = "participant"
    __table_args__ = (
        CheckConstraint(one_of("part", PARTS), name="part"),
        CheckConstraint("until >= since", name="dates"),
        Index(
            "uq_participant_current",
            "conversation_id",
            "account_id",
            "part",
            unique=True,
            postgresql_where=text("until IS NULL"),
        ),
        # One holds it at a time.
        Index(
            "uq_participant_agent",
            "conversation_id",
            unique=True,
            postgresql_where=text("until IS NULL AND part = 'agent'"),
        ),
        Index("ix_participant_account_id", "account_id", postgresql_where=text("until IS NULL")),
    )

    id: Mapped[Id]
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    part: Mapped[Part] = mapped_column(String)
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class Rating(Base):
    """What somebody thought of a conversation once it was closed: 1 to 5 stars. Said once, and kept."""

    __tablename__ = "rating"
    __table_args__ = (CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),)

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    stars: Mapped[int]
    text: Mapped[str | None]
    at: Mapped[CreatedAt]


append_only("rating")

# An agent's load is what they hold, and never goes beyond their limit, whoever gives it to them and however many do at
# once: the second of two waits for the agent's row and then finds them full. Who holds a conversation takes part in it
# as its agent, so both are written by the one trigger.
after_tables(
    """CREATE FUNCTION conversation_held() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    had uuid := CASE WHEN TG_OP = 'UPDATE' AND OLD.state = 'assigned' THEN OLD.agent_id END;
    has uuid := CASE WHEN NEW.state = 'assigned' THEN NEW.agent_id END;
    was uuid := CASE WHEN TG_OP = 'UPDATE' AND OLD.state <> 'closed' THEN OLD.agent_id END;
    is_now uuid := CASE WHEN NEW.state <> 'closed' THEN NEW.agent_id END;
BEGIN
    IF had IS DISTINCT FROM has THEN
        UPDATE agent SET load = load - 1 WHERE account_id = had;
        IF has IS NOT NULL THEN
            UPDATE agent SET load = load + 1, given_at = app_now()
            WHERE account_id = has AND (agent."limit" IS NULL OR load < agent."limit");
            IF NOT FOUND THEN
                RAISE EXCEPTION 'the agent holds as many conversations as they may'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'agent_full';
            END IF;
        END IF;
    END IF;
    IF was IS DISTINCT FROM is_now THEN
        UPDATE participant SET until = greatest(since, app_now())
        WHERE conversation_id = NEW.id AND part = 'agent' AND until IS NULL;
        IF is_now IS NOT NULL THEN
            INSERT INTO participant (id, conversation_id, account_id, part, since)
            VALUES (uuidv7(), NEW.id, is_now, 'agent', app_now());
        END IF;
    END IF;
    RETURN NULL;
END $$"""
)
after_tables(
    "CREATE TRIGGER conversation_held AFTER INSERT OR UPDATE OF state, agent_id ON conversation"
    " FOR EACH ROW EXECUTE FUNCTION conversation_held()"
)

# Whoever no longer takes part may no longer see it: every node asks again what it shows them (`people.signal_rights`).
after_tables(
    """CREATE FUNCTION participant_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('rights_changed', NEW.account_id::text);
    RETURN NULL;
END $$"""
)
after_tables(
    "CREATE TRIGGER participant_left AFTER UPDATE OF until ON participant FOR EACH ROW"
    " WHEN (OLD.until IS NULL AND NEW.until IS NOT NULL) EXECUTE FUNCTION participant_left()"
)

# Lines are written on a fast path that knows nothing of conversations, so what follows from them is read off them.
after_tables(
    """CREATE FUNCTION conversation_first_answer(thread uuid) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT e.at FROM entry e JOIN account a ON a.id = e.author_id
    WHERE e.thread_id = thread AND e.audience = 'all' AND a.kind = 'staff'
        AND e.kind IN ('text', 'photo', 'file', 'voice', 'place')
        AND NOT EXISTS (SELECT FROM entry w WHERE w.thread_id = e.thread_id AND w.hides = e.seq)
    ORDER BY e.seq LIMIT 1
$$"""
)
after_tables(
    """CREATE FUNCTION conversation_unanswered_since(thread uuid) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT e.at FROM entry e JOIN account a ON a.id = e.author_id
    WHERE e.thread_id = thread AND a.kind = 'owner' AND e.kind IN ('text', 'photo', 'file', 'voice', 'place')
        AND NOT EXISTS (SELECT FROM entry w WHERE w.thread_id = e.thread_id AND w.hides = e.seq)
        AND e.seq > coalesce((
            SELECT f.seq FROM entry f JOIN account b ON b.id = f.author_id
            WHERE f.thread_id = thread AND f.audience = 'all' AND b.kind = 'staff'
                AND f.kind IN ('text', 'photo', 'file', 'voice', 'place')
                AND NOT EXISTS (SELECT FROM entry w WHERE w.thread_id = f.thread_id AND w.hides = f.seq)
            ORDER BY f.seq DESC LIMIT 1
        ), 0)
    ORDER BY e.seq LIMIT 1
$$"""
)

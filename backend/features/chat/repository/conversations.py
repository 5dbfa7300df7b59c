"""Conversations in SQL: finding one to act on, its participants, and the homes it can be about."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.chat.models import Conversation, Part, Participant, Rating
from backend.features.chat.repository.seeing import owner_sees, staff_see

_OWNER_SEES: Final = text(
    f"SELECT true FROM conversation c WHERE c.id = :id AND {owner_sees(':account_id', ':roles')}"
)
_STAFF_SEE: Final = text(
    f"SELECT true FROM conversation c WHERE c.id = :id AND {staff_see(':account_id', ':roles', ':today')}"
)

_HOME: Final = (
    "SELECT o.id AS ownership_id, o.project_id, h.building_id, j.step FROM ownership o JOIN home h ON h.id = o.home_id"
    " LEFT JOIN journey j ON j.ownership_id = o.id WHERE o.ended_on IS NULL"
)
_MY_HOMES: Final = text(
    f"SELECT home.*, m.role FROM household_member m JOIN ({_HOME}) home ON home.ownership_id = m.ownership_id"
    " WHERE m.account_id = :account_id AND m.ended_at IS NULL ORDER BY home.ownership_id"
)
_HOME_IN_SCOPE: Final = text(
    f"SELECT home.* FROM ({_HOME}) home JOIN node b ON b.id = home.building_id"
    " WHERE home.ownership_id = :ownership_id AND b.path && :scope"
)
_PROJECT_IN_SCOPE: Final = text(
    "SELECT p.node_id FROM project p JOIN node n ON n.id = p.node_id WHERE p.node_id = :project_id AND n.path && :scope"
)
_HAS_POSITION: Final = text(
    "SELECT true FROM node n JOIN position s ON s.node_id = ANY (n.path) JOIN account a ON a.id = s.account_id"
    " WHERE n.id = :node_id AND s.account_id = :account_id AND a.disabled_at IS NULL"
    " AND s.since <= :today AND (s.until IS NULL OR s.until > :today) LIMIT 1"
)
_SAID_BEFORE: Final = text(
    "SELECT seq, at FROM entry WHERE thread_id = :thread_id AND author_id = :author_id AND cid = :cid"
)
_HELPERS: Final = text(
    "SELECT count(*) FROM participant WHERE conversation_id = :id AND part = 'helper' AND until IS NULL"
)
_NAMES: Final = text("SELECT id, name FROM account WHERE id = ANY (:ids)")


async def owner_sees_it(work: Work, id_: UUID, account_id: UUID, roles: Sequence[str]) -> bool:
    """Whether an owner's account sees a conversation."""
    return bool(await work.scalar(_OWNER_SEES, {"id": id_, "account_id": account_id, "roles": list(roles)}))


async def staff_see_it(work: Work, id_: UUID, account_id: UUID, roles: Sequence[str], today: date) -> bool:
    """Whether an employee sees a conversation."""
    asked = {"id": id_, "account_id": account_id, "roles": list(roles), "today": today}
    return bool(await work.scalar(_STAFF_SEE, asked))


async def lock(work: Work, id_: UUID) -> Conversation | None:
    """One conversation, locked, as it stands when the lock is ours."""
    return await work.get(Conversation, id_, with_for_update={"key_share": True}, populate_existing=True)


async def lock_many(work: Work, ids: Collection[UUID]) -> list[Conversation]:
    """Several, in the order of their ids."""
    wanted = select(Conversation).where(Conversation.id.in_(ids)).order_by(Conversation.id)
    locking = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    return list(await work.scalars(locking))


async def lock_waiting(work: Work, project_ids: Collection[UUID], limit: int) -> list[Conversation]:
    """Those that wait in the queues of projects, longest first, but for those that somebody else deals with now."""
    wanted = (
        select(Conversation)
        .where(Conversation.state == "waiting", Conversation.project_id.in_(project_ids))
        .order_by(Conversation.waiting_since, Conversation.id)
        .limit(limit)
    )
    locking = wanted.with_for_update(skip_locked=True, key_share=True)
    return list(await work.scalars(locking.execution_options(populate_existing=True)))


async def homes_of(work: Work, account_id: UUID) -> Sequence[Any]:
    """The homes an account belongs to now: `ownership_id`, `project_id`, `building_id`, `step`, `role`."""
    return (await work.execute(_MY_HOMES, {"account_id": account_id})).all()


async def home_in_scope(work: Work, ownership_id: UUID, scope: Sequence[UUID]) -> Any | None:
    """A current ownership's home in `scope`: as `homes_of`, without a role."""
    asked = {"ownership_id": ownership_id, "scope": list(scope)}
    return (await work.execute(_HOME_IN_SCOPE, asked)).one_or_none()


async def project_in_scope(work: Work, project_id: UUID, scope: Sequence[UUID]) -> bool:
    """Whether there is such a project in `scope`."""
    asked = {"project_id": project_id, "scope": list(scope)}
    return (await work.scalar(_PROJECT_IN_SCOPE, asked)) is not None


async def has_position(work: Work, account_id: UUID, node_id: UUID, today: date) -> bool:
    """Whether an employee who is not disabled holds any position at a node or above it."""
    asked = {"node_id": node_id, "account_id": account_id, "today": today}
    return bool(await work.scalar(_HAS_POSITION, asked))


async def said_before(work: Work, thread_id: UUID, author_id: UUID, cid: str) -> tuple[int, datetime] | None:
    """The line that its author has sent under this name already: seq and time."""
    asked = {"thread_id": thread_id, "author_id": author_id, "cid": cid}
    row = (await work.execute(_SAID_BEFORE, asked)).one_or_none()
    return None if row is None else (row.seq, row.at)


async def names_of(work: Work, ids: Collection[UUID]) -> dict[UUID, str | None]:
    """The names of accounts, in clear."""
    if not ids:
        return {}
    return {row.id: row.name for row in await work.execute(_NAMES, {"ids": list(ids)})}


async def participation(work: Work, conversation_id: UUID, account_id: UUID) -> Participant | None:
    """How an account takes part now as somebody who was asked in to help; None: they do not."""
    return await work.scalar(
        select(Participant).where(
            Participant.conversation_id == conversation_id,
            Participant.account_id == account_id,
            Participant.part == "helper",
            Participant.until.is_(None),
        )
    )


async def ask_in(work: Work, conversation_id: UUID, account_id: UUID, part: Part, now: datetime) -> bool:
    """Have an account take part from now on; False: it does already."""
    row = {
        "id": new_id(), "conversation_id": conversation_id, "account_id": account_id, "part": part, "since": now,
    }  # fmt: skip
    added = insert(Participant).values(row).on_conflict_do_nothing().returning(Participant.id)
    return await work.scalar(added) is not None


async def rating_of(work: Work, conversation_id: UUID) -> Rating | None:
    """What was thought of a conversation."""
    return await work.get(Rating, conversation_id)


async def helpers(work: Work, conversation_id: UUID) -> int:
    """How many were asked in and take part now."""
    return await work.scalar(_HELPERS, {"id": conversation_id}) or 0

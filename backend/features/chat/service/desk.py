"""The hotline's desk in one transaction: conversations change hands, and each change is written with its line.

Everybody locks in one order, so that nobody waits in a circle: the conversations they came for, by id; then the agents,
by id; then others that wait, passing over those that somebody else deals with; last the threads, as `append_many`
orders them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core.errors import Conflict
from backend.db.work import Work
from backend.features.chat import rules
from backend.features.chat.models import Conversation
from backend.features.chat.repository import agents, conversations, views
from backend.features.chat.service.duty import NobodyOnDuty, Unserved
from backend.features.escalation.service import end
from backend.features.notices.service import About, Telling, tell_many
from backend.features.roster.service import OnDuty, on_duty_at
from backend.platform.threads import Appended, Audience, NewEntry, append_many, set_direct

_MANY: Final = 200
"""How many of those that wait longest are looked at in one transaction."""

Back = Literal["silence", "gone", "shift_over", "transferred", "no_room"]
"""Why a conversation went back to the queue."""


@dataclass(slots=True)
class Desk:
    """Open it when the conversations one came for are locked; change hands; `settle` assigns and writes it all."""

    work: Work
    now: datetime
    nobody_on_duty: NobodyOnDuty
    held: dict[UUID, Conversation] = field(default_factory=dict)
    duty: dict[rules.Queue, Sequence[OnDuty]] = field(default_factory=dict)
    entries: list[NewEntry] = field(default_factory=list)
    _only: UUID | None = None
    _preferred: dict[UUID, UUID] = field(default_factory=dict)
    _concerned: set[UUID] = field(default_factory=set)
    _accounts: set[UUID] = field(default_factory=set)
    _tellings: list[Telling] = field(default_factory=list)
    _served: list[UUID] = field(default_factory=list)

    @classmethod
    async def open(
        cls,
        work: Work,
        now: datetime,
        nobody_on_duty: NobodyOnDuty,
        came_for: Collection[Conversation],
        *,
        agent_ids: Collection[UUID] = (),
        only: UUID | None = None,
        queues: Collection[rules.Queue] = (),
    ) -> "Desk":
        """Lock what may change beside the conversations one came for.

        `agent_ids`: agents who may be given or lose one beside those on duty. `only`: nobody else is given any, for
        whoever only makes room at one agent's. `queues`: further queues to move on.
        """
        desk = cls(work, now, nobody_on_duty, {one.id: one for one in came_for}, _only=only)
        wanted = {*queues, *((one.project_id, one.role) for one in came_for)}
        await desk._ask_for_duty(wanted)
        locked = {*agent_ids, *(one.agent_id for one in came_for if one.agent_id is not None)}
        if only is None:
            locked |= {who.account_id for found in desk.duty.values() for who in found}
        else:
            locked.add(only)
        await agents.at_desk(work, locked, lock=True)
        for one in await conversations.lock_waiting(work, {project for project, _ in wanted}, _MANY):
            desk.held.setdefault(one.id, one)
        if only is not None:
            await desk._ask_for_duty({_queue(one) for one in desk.held.values()})
        return desk

    def note(
        self,
        conversation: Conversation,
        kind: str,
        body: dict[str, Any],
        author_id: UUID | None = None,
        audience: Audience = "all",
    ) -> None:
        """A line of what happened."""
        self.entries.append(NewEntry(conversation.thread_id, kind, body, author_id, audience))
        self._concerned.add(conversation.id)

    def give(
        self, conversation: Conversation, agent_id: UUID, name: str | None, author_id: UUID | None = None
    ) -> None:
        """Into somebody's hands."""
        conversation.state, conversation.agent_id = "assigned", agent_id
        conversation.snoozed_until = conversation.passed_agent_id = None
        self.nobody_is_missing(conversation)
        conversation.told_id = conversation.told_role = conversation.told_at = None
        self._accounts.add(agent_id)
        if author_id != agent_id:
            self._have_told(conversation, "conversation_assigned", agent_id)
        self.note(conversation, "assigned", {"agent": str(agent_id), "name": name}, author_id)

    def nobody_is_missing(self, conversation: Conversation) -> None:
        """Somebody has it, or it is over: nobody is called about it any more."""
        if conversation.told_at is not None:
            self._served.append(conversation.id)

    def put_back(self, conversation: Conversation, since: datetime, why: Back) -> None:
        """Back to the queue: the owner has waited `since` then, and keeps that place. Why is for staff."""
        agent_id = conversation.agent_id
        conversation.state, conversation.agent_id, conversation.snoozed_until = "waiting", None, None
        conversation.waiting_since = since
        conversation.passed_agent_id = agent_id if why == "silence" else None
        if agent_id is not None:
            self._accounts.add(agent_id)
        self.note(conversation, "requeued", {})
        told = {"of": "requeued", "reason": why, "agent": str(agent_id) if agent_id else None}
        self.note(conversation, "noted", told, None, "staff")

    def prefer(self, conversation: Conversation, agent_id: UUID | None) -> None:
        """Of those who could be given it, this one first."""
        if agent_id is not None:
            self._preferred[conversation.id] = agent_id

    async def settle(self) -> list[Appended]:
        """Give out what waits, tell of what nobody is on duty for, write everything. Where the lines stand.

        Raises:
            Conflict: `agent_full`: somebody was to be given more than they may hold.
        """
        # What somebody gives back makes room before anything is given out.
        await flush(self.work)
        await self._give_out()
        await self._tell()
        await flush(self.work)
        if self._served:
            await end(self.work, self._served, "met", self.now)
        appended = await append_many(self.work, self.entries)
        await tell_many(self.work, self._tellings)
        concerned = [self.held[id_] for id_ in sorted(self._concerned)]
        for one in concerned:
            await set_direct(self.work, one.thread_id, one.state in {"waiting", "assigned"})
        await self._announce(concerned)
        return appended

    async def _ask_for_duty(self, queues: Collection[rules.Queue]) -> None:
        if missing := sorted(set(queues) - self.duty.keys()):
            found = await on_duty_at(self.work, missing, self.now)
            self.duty |= {queue: found.get(queue, []) for queue in missing}

    async def _give_out(self) -> None:
        waiting = [one for one in self.held.values() if one.state == "waiting"]
        if not waiting:
            return
        await self._ask_for_duty({_queue(one) for one in waiting})
        on_it = {queue: [who.account_id for who in found] for queue, found in self.duty.items()}
        ids = {id_ for found in on_it.values() for id_ in found}
        desks = await agents.at_desk(self.work, ids if self._only is None else ids & {self._only}, lock=False)
        given = rules.assign([self._waits(one) for one in waiting], desks, on_it)
        shifts: dict[UUID, datetime | None] = {}
        for id_, agent_id in given:
            one = self.held[id_]
            who = next(who for who in self.duty[_queue(one)] if who.account_id == agent_id)
            shifts[agent_id] = who.until
            self.give(one, agent_id, who.name)
        if shifts:
            await agents.note_shifts(self.work, shifts)

    async def _tell(self) -> None:
        for one in self.held.values():
            if one.state != "waiting" or one.told_at is not None or self.duty.get(_queue(one), True):
                continue
            unserved = Unserved(one.id, one.project_id, one.node_id, one.thread_id, one.role)
            told = await self.nobody_on_duty(self.work, self.now, unserved)
            if told is None:
                continue
            one.told_id, one.told_role, one.told_at = told.account_id, told.role, self.now
            # So it stands among what concerns them, whatever else they see.
            await conversations.ask_in(self.work, one.id, told.account_id, "helper", self.now)
            self._accounts.add(told.account_id)
            self._have_told(one, "hotline_unserved", told.account_id)
            body = {"of": "nobody_on_duty", "role": told.role, "account": str(told.account_id)}
            self.note(one, "noted", body | {"name": told.name, "on_duty": told.on_duty}, None, "staff")

    def _have_told(self, conversation: Conversation, kind: str, account_id: UUID) -> None:
        """An employee is told. Handed the same one twice, they are told twice: the moment tells them apart."""
        about = About("conversation", conversation.id, conversation.thread_id)
        key = f"{kind}:{conversation.id}:{self.now.isoformat()}"
        self._tellings.append(Telling(kind, [account_id], {}, about, key))

    def _waits(self, one: Conversation) -> rules.Waiting:
        assert one.waiting_since is not None
        return rules.Waiting(
            one.id,
            _queue(one),
            one.waiting_since,
            one.skill,
            self._preferred.get(one.id),
            one.passed_agent_id,
        )

    async def _announce(self, concerned: Sequence[Conversation]) -> None:
        projects = sorted({one.project_id for one in concerned})
        for project_id in projects:
            self.work.announce(f"queue:{project_id}")
        for one in concerned:
            self.work.announce(f"place:{one.id}")
            for account_id in (one.account_id, one.agent_id):
                if account_id is not None:
                    self._accounts.add(account_id)
        for account_id in self._accounts:
            self.work.announce(f"account:{account_id}")
        for id_ in await views.in_line(self.work, projects) if projects else ():
            self.work.announce(f"place:{id_}")


def _queue(one: Conversation) -> rules.Queue:
    return one.project_id, one.role


async def flush(work: Work) -> None:
    """Write what has changed.

    Raises:
        Conflict: `agent_full`.
    """
    try:
        await work.flush()
    except IntegrityError as error:
        if "agent_full" in str(error.orig) or "as many conversations" in str(error.orig):
            raise Conflict("agent_full") from None
        raise

"""What employees do with a conversation: take it, hand it on, put it off, close it, open it again, ask somebody in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid, NotFound
from backend.db.work import Work
from backend.features.chat.models import Conversation
from backend.features.chat.repository import agents, conversations, sweeping
from backend.features.chat.service.desk import Desk
from backend.features.chat.service.duty import NobodyOnDuty
from backend.features.chat.service.rights import ANSWERING
from backend.features.chat.service.waking import WAKE, wake_key
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry
from backend.platform.timers import schedule

HELPERS: Final = 10
"""So many may be asked in beside whoever holds it."""


@dataclass(frozen=True, slots=True)
class To:
    """To whom it is handed: a person, or the queue of a role; `note` is for staff only."""

    account_id: UUID | None
    role: str | None
    skill: str | None
    note: str | None


class Handling:
    """One employee's verbs on one conversation that is theirs to see and locked, in one unit of work."""

    def __init__(
        self,
        work: Work,
        waker: Waker,
        caller: Caller,
        now: datetime,
        nobody_on_duty: NobodyOnDuty,
        conversation: Conversation,
    ) -> None:
        self._work, self._waker, self._caller, self._now = work, waker, caller, now
        self._nobody_on_duty, self._one = nobody_on_duty, conversation

    async def take(self) -> None:
        """Into the caller's hands, out of the queue or out of somebody else's; of two at once one gets it.

        Raises:
            Conflict: `conversation_closed`, `already_yours`, `agent_full`; `changed_hands` is `If-Match`'s.
        """
        self._require_open()
        me = self._caller.account_id
        if self._one.state == "assigned" and self._one.agent_id == me:
            raise Conflict("already_yours")
        await agents.add_missing(self._work, me)
        desk = await self._desk([me])
        desk.give(self._one, me, await self._name(me), me)
        await desk.settle()
        await agents.note_seen(self._work, [me])

    async def transfer(self, to: To) -> None:
        """To a person, or to a role's queue, with a note that only staff read.

        Raises:
            Conflict: `conversation_closed`, `already_theirs`, `agent_full`.
            Invalid: `transfer_to_one`, `staff_unknown`, `role_answers_nothing`.
        """
        self._require_open()
        if (to.account_id is None) == (to.role is None):
            raise Invalid("transfer_to_one", field="to_account")
        if to.role is not None:
            await self._to_queue(to.role, to)
        elif to.account_id is not None:
            await self._to_person(to.account_id, to)

    async def _to_queue(self, role: str, to: To) -> None:
        if role not in ANSWERING:
            raise Invalid("role_answers_nothing", field="to_role")
        since = await self._waits_since()
        before = self._one.agent_id
        self._one.role, self._one.skill = role, to.skill or self._one.skill
        desk = await self._desk([before] if before else [])
        desk.note(self._one, "transferred", {"role": role}, self._caller.account_id)
        self._note(desk, to)
        desk.put_back(self._one, since, "transferred")
        await desk.settle()

    async def _to_person(self, account_id: UUID, to: To) -> None:
        today = local_date(self._now)
        if not await conversations.has_position(self._work, account_id, self._one.node_id, today):
            raise Invalid("staff_unknown", field="to_account")
        if self._one.agent_id == account_id:
            raise Conflict("already_theirs")
        await agents.add_missing(self._work, account_id)
        desk = await self._desk([account_id])
        if to.skill is not None:
            self._one.skill = to.skill
        name = await self._name(account_id)
        told = {"agent": str(account_id), "name": name}
        desk.note(self._one, "transferred", told, self._caller.account_id)
        self._note(desk, to)
        desk.give(self._one, account_id, name, self._caller.account_id)
        await desk.settle()

    async def snooze(self, until: datetime) -> None:
        """Out of the way until a time, or until its owner says something.

        Raises:
            Conflict: `not_held`: it waits in the queue, or is closed.
            Invalid: `time_is_past`.
        """
        if self._one.state not in {"assigned", "snoozed"}:
            raise Conflict("not_held")
        if until <= self._now:
            raise Invalid("time_is_past", field="until")
        agent_id = self._one.agent_id
        desk = await self._desk([], only=agent_id)
        self._one.state, self._one.snoozed_until = "snoozed", until
        told = {"until": until.isoformat()}
        desk.note(self._one, "snoozed", told, self._caller.account_id, "staff")
        await desk.settle()
        await schedule(self._work, self._waker, WAKE, wake_key(self._one), until, {"id": str(self._one.id)})

    async def close(self, reason: str) -> None:
        """It is over; its owner's next line may open it again.

        Raises:
            Conflict: `conversation_closed`.
        """
        self._require_open()
        desk = await self._desk([], only=self._one.agent_id)
        self._one.state, self._one.snoozed_until = "closed", None
        self._one.closed_at, self._one.close_reason = self._now, reason
        desk.nobody_is_missing(self._one)
        desk.note(self._one, "closed", {}, self._caller.account_id)
        told = {"of": "closed", "reason": reason}
        desk.note(self._one, "noted", told, self._caller.account_id, "staff")
        await desk.settle()

    async def reopen(self) -> None:
        """Open again, in the caller's hands.

        Raises:
            Conflict: `conversation_open`, `agent_full`.
        """
        if self._one.state != "closed":
            raise Conflict("conversation_open")
        me = self._caller.account_id
        await agents.add_missing(self._work, me)
        desk = await self._desk([me], only=me)
        name = await self._name(me)
        self._one.closed_at = self._one.close_reason = None
        self._one.waiting_since = self._now
        desk.note(self._one, "reopened", {}, me)
        desk.give(self._one, me, name, me)
        await desk.settle()

    async def ask_in(self, account_id: UUID) -> None:
        """Have an employee take part beside whoever holds it; asked again, nothing happens.

        Raises:
            Conflict: `conversation_closed`, `too_many_helpers`.
            Invalid: `staff_unknown`.
        """
        self._require_open()
        today = local_date(self._now)
        if not await conversations.has_position(self._work, account_id, self._one.node_id, today):
            raise Invalid("staff_unknown", field="account_id")
        if await conversations.helpers(self._work, self._one.id) >= HELPERS:
            raise Conflict("too_many_helpers", limit=HELPERS)
        if await conversations.ask_in(self._work, self._one.id, account_id, "helper", self._now):
            await self._tell("joined", account_id)

    async def let_go(self, account_id: UUID) -> None:
        """Somebody who was asked in no longer takes part.

        Raises:
            NotFound: they do not.
        """
        part = await conversations.participation(self._work, self._one.id, account_id)
        if part is None:
            raise NotFound()
        part.until = max(self._now, part.since)
        await self._tell("left", account_id)

    async def _tell(self, kind: str, account_id: UUID) -> None:
        desk = Desk(self._work, self._now, self._nobody_on_duty, {self._one.id: self._one})
        told = {"account": str(account_id), "name": await self._name(account_id)}
        desk.note(self._one, kind, told, self._caller.account_id)
        await desk.settle()
        self._work.announce(f"account:{account_id}")

    async def _desk(self, agent_ids: list[UUID], *, only: UUID | None = None) -> Desk:
        return await Desk.open(
            self._work, self._now, self._nobody_on_duty, [self._one], agent_ids=agent_ids, only=only
        )

    async def _name(self, account_id: UUID) -> str | None:
        return (await conversations.names_of(self._work, [account_id]))[account_id]

    async def _waits_since(self) -> datetime:
        """Since when the owner waits: kept in the queue, and otherwise that of their first unanswered line."""
        if self._one.state == "waiting" and self._one.waiting_since is not None:
            return self._one.waiting_since
        since = await sweeping.unanswered_since(self._work, self._one.thread_id)
        return self._now if since is None else since

    def _note(self, desk: Desk, to: To) -> None:
        if to.note is not None:
            desk.entries.append(
                NewEntry(self._one.thread_id, "text", {"text": to.note}, self._caller.account_id, "staff")
            )

    def _require_open(self) -> None:
        if self._one.state == "closed":
            raise Conflict("conversation_closed")

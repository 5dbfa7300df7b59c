"""Agents: how they say that they are there, and how they stand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import NotFound
from backend.db.work import Work
from backend.features.chat.models import AgentState
from backend.features.chat.repository import agents, conversations, sweeping
from backend.features.chat.service.desk import Desk, flush
from backend.features.chat.service.duty import NobodyOnDuty
from backend.features.chat.service.rights import ANSWERING
from backend.features.chat.service.sweeping import shift_end
from backend.features.people.service import scope_of
from backend.features.roster.service import on_duty_at, shift_of
from backend.platform.process import Process


@dataclass(frozen=True, slots=True)
class Said:
    """What an agent says of themselves; `limit` and `skills` are left as they are when they are not `given`."""

    state: AgentState
    given: frozenset[str]
    limit: int | None = None
    skills: tuple[str, ...] = ()


async def say_state(
    work: Work, caller: Caller, now: datetime, nobody_on_duty: NobodyOnDuty, said: Said
) -> None:
    """Available, busy, away or off; whoever becomes available, or may hold more, is given what waits.

    Raises:
        NotAllowed: `not_in_your_role`.
    """
    await scope_of(work, caller, "answer_hotline", now)
    agent = await agents.lock_agent(work, caller.account_id)
    agent.state = said.state
    if "limit" in said.given:
        agent.limit = said.limit
    if "skills" in said.given:
        agent.skills = sorted(set(said.skills))
    agent.version += 1
    duties = await shift_of(work, caller.account_id, now)
    agent.on_shift = bool(duties) and said.state != "off"
    agent.shift_until = shift_end(duties) if agent.on_shift else None
    await flush(work)
    await agents.note_seen(work, [caller.account_id])
    if said.state == "available":
        mine = await _queues_of(work, caller.account_id, now)
        if mine:
            desk = await Desk.open(work, now, nobody_on_duty, [], only=caller.account_id, queues=mine)
            await desk.settle()
    work.announce(f"account:{caller.account_id}")


async def agent_stands(work: Work, caller: Caller) -> Any:
    """How the caller stands at the desk."""
    return await agents.agent(work, caller.account_id)


async def _queues_of(work: Work, account_id: UUID, now: datetime) -> list[tuple[UUID, str]]:
    """The queues in which somebody waits and the agent is on duty."""
    found = await on_duty_at(work, await sweeping.queues(work), now)
    return [queue for queue, who in found.items() if any(one.account_id == account_id for one in who)]


async def agents_page(
    work: Work, caller: Caller, now: datetime, project_id: UUID | None, after: UUID | None, limit: int
) -> Sequence[Any]:
    """A page of the agents in the caller's scope, or of those who answer for one project.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
    """
    scope = await scope_of(work, caller, "answer_hotline", now)
    if project_id is not None and not await conversations.project_in_scope(work, project_id, scope):
        raise NotFound()
    return await agents.agents_page(
        work,
        {
            "roles": ANSWERING,
            "today": local_date(now),
            "scope": scope,
            "project_id": project_id,
            "after": after or UUID(int=0),
            "limit": limit,
        },
    )


class Attended:
    """Told by every node which employees have a socket there: that is how it is known that an agent is not gone."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def __call__(self, accounts: Collection[UUID]) -> None:
        """These are there now. Who is no agent is passed over."""
        if accounts:
            async with self._process.works.begin() as work:
                await agents.note_seen(work, accounts)

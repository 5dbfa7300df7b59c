"""The domain of chat, pure: who gets which conversation, and what a conversation can be."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

STATES: Final = ("waiting", "assigned", "snoozed", "closed")
AGENT_STATES: Final = ("available", "busy", "away", "off")
PARTS: Final = ("owner", "agent", "helper")

CHANNELS: Final = (
    "app",
    "hotline",
    "walk_in",
    "phone",
    "email",
    "online_form",
    "forum",
    "network_post",
    "return_visit",
    "survey",
    "face_to_face",
    "owners_meeting",
    "ambassador_visit",
    "front_desk",
)
"""How it came to us: the app, and the thirteen ways of HC-48."""

AGENT: Final = "hotline_agent"
"""Whose queue a conversation waits in first (HC-01)."""

GONE_AFTER: Final = timedelta(minutes=1)
"""An agent without a socket for so long is not there (records.md)."""

LOW_STARS: Final = 2
"""So few stars, or fewer, and a manager is told."""

Queue = tuple[UUID, str]
"""A project and the role whose queue it is."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation in a queue. `prefers`: who had it before; `passes_over`: who let its owner wait."""

    id: UUID
    queue: Queue
    since: datetime
    skill: str | None = None
    prefers: UUID | None = None
    passes_over: UUID | None = None


@dataclass(frozen=True, slots=True)
class AtDesk:
    """An agent as assignment sees them. `here`: seen within `GONE_AFTER`; `limit` None: no limit is set.

    `given_at`: when they were last given a conversation; None: never.
    """

    id: UUID
    state: str
    here: bool
    limit: int | None
    load: int
    skills: frozenset[str] = frozenset()
    given_at: datetime | None = None

    @property
    def takes(self) -> bool:
        """Whether they can be given one more."""
        return self.state == "available" and self.here and (self.limit is None or self.load < self.limit)


def assign(
    waiting: Iterable[Waiting], agents: Iterable[AtDesk], on_duty: Mapping[Queue, Collection[UUID]]
) -> list[tuple[UUID, UUID]]:
    """Which conversation goes to which agent, in the order they are given out.

    Longest waiting first. To somebody on duty for its queue who is available, there, and below their limit; who has its
    skill, unless nobody on duty has it: what nobody can do must not hold an owner up. Who had it before comes first,
    then who holds least, then who has been idle longest. The same input gives the same answer.
    """
    desks = {agent.id: agent for agent in agents}
    given = []
    for one in sorted(waiting, key=lambda one: (one.since, one.id)):
        duty = [desks[id_] for id_ in on_duty.get(one.queue, ()) if id_ in desks]
        if one.skill is not None and any(one.skill in agent.skills for agent in duty):
            duty = [agent for agent in duty if one.skill in agent.skills]
        free = [agent for agent in duty if agent.takes and agent.id != one.passes_over]
        if not free:
            continue
        chosen = min(free, key=lambda agent: (agent.id != one.prefers, *_order(agent)))
        desks[chosen.id] = replace(chosen, load=chosen.load + 1)
        given.append((one.id, chosen.id))
    return given


_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def _order(agent: AtDesk) -> tuple[int, datetime, UUID]:
    return agent.load, agent.given_at or _NEVER, agent.id

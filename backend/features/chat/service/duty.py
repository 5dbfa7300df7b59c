"""Nobody is on duty for a queue: who is told. A handler that the composition root registers.

The duty person is looked for along the hotline's chain and told at once. When nobody takes the conversation until the
promise of first contact is in danger, the chain itself calls, until somebody has it (CT-39, CT-05).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from backend.core.clock import local_date
from backend.db.work import Work
from backend.features.chat.repository import duty
from backend.features.chat.service.promising import FIRST_CONTACT, chain_of, promises_of
from backend.features.escalation.service import Danger, start
from backend.features.people.service import nearest_holders
from backend.features.roster.service import on_duty
from backend.features.standard.service import standard_for
from backend.platform.outbox import Waker

SUBJECT: Final = "conversation"
"""The kind of subject a conversation is to its chain."""


@dataclass(frozen=True, slots=True)
class Unserved:
    """A conversation in a queue for which nobody is on duty."""

    conversation_id: UUID
    project_id: UUID
    node_id: UUID
    thread_id: UUID
    role: str


@dataclass(frozen=True, slots=True)
class Told:
    """Who was told: somebody who holds `role`; `on_duty` whether by the roster, or only as its nearest holder."""

    role: str
    account_id: UUID
    name: str | None
    on_duty: bool


class NobodyOnDuty(Protocol):
    """What happens to a conversation that nobody is on duty for. Called in the transaction that queues it."""

    async def __call__(self, work: Work, now: datetime, unserved: Unserved) -> Told | None:
        """Tell whoever has the duty; None: there is nobody to tell."""


class AlongTheChain:
    """Tells whoever has the duty, and has the chain call when first contact is in danger."""

    def __init__(self, waker: Waker) -> None:
        self._waker = waker

    async def __call__(self, work: Work, now: datetime, unserved: Unserved) -> Told | None:
        """See `NobodyOnDuty`."""
        told = await tell_along_the_chain(work, now, unserved)
        promise = (await promises_of(work, unserved.project_id, now)).contact(now)
        if told is not None and promise is not None:
            standard = await standard_for(work, unserved.project_id, local_date(now))
            danger = Danger(
                unserved.conversation_id,
                FIRST_CONTACT,
                SUBJECT,
                unserved.conversation_id,
                number_of(unserved.conversation_id),
                unserved.thread_id,
                unserved.node_id,
                standard.version_id,
                now,
                promise.due_at,
                promise.rule,
                promise.in_danger_at,
            )
            await start(work, self._waker, [danger])
        return told


def number_of(conversation_id: UUID) -> str:
    """What a page calls a conversation: the end of its id."""
    return f"H-{conversation_id.hex[-6:].upper()}"


async def tell_along_the_chain(work: Work, now: datetime, unserved: Unserved) -> Told | None:
    """The first of the hotline's chain who is on duty; else whoever holds its first held role nearest to the project.

    A case after hours goes to the duty person (CT-39): agent, complaint specialist, head of customer relations, leader
    in charge (HC-01, HC-04, RO-05, RO-29). The steps by category wait for a case that has one (HC-06 to HC-09).
    """
    roles = [role for role in await chain_of(work, unserved.project_id, now) if role != unserved.role]
    for role in roles:
        found = await on_duty(work, unserved.project_id, role, now)
        if found:
            return Told(role, found[0].account_id, found[0].name, on_duty=True)
    # Nobody by the roster. Whoever holds the queue's own role first: they may be off, but it is theirs (HC-01).
    roles = [unserved.role, *roles]
    holders = await nearest_holders(work, [(unserved.node_id, role) for role in roles], now)
    for role in roles:
        node_id = holders[unserved.node_id, role].node_id
        if node_id is not None:
            who = await duty.first_holder(work, node_id, role, now)
            if who is not None:
                return Told(role, who.id, who.name, on_duty=False)
    return None

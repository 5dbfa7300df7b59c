"""Who is told of what happens on journeys: owners of their promises, employees of their tasks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from backend.db.work import Work
from backend.features.journey.repository.journeys import readers_of
from backend.features.notices.service import About, Telling, Value, tell_many
from backend.features.people.service import HOUSEHOLD_ROLES, household_sees
from backend.features.roster.service import on_duty_at

NewsKind = Literal["promise_due", "promise_late", "promise_moved"]
TaskKind = Literal["task_opened", "task_late"]

_SEE_DATES = [role for role in HOUSEHOLD_ROLES if household_sees(role, "dates")]


@dataclass(frozen=True, slots=True)
class News:
    """Something of one journey that its household is told. `key` makes it once."""

    journey_id: UUID
    thread_id: UUID
    kind: NewsKind
    key: str
    data: Mapping[str, Value]


async def tell_owners(work: Work, news: Sequence[News]) -> None:
    """Tell the households, as far as they see dates: of what a project owes all its owners, those of all its homes."""
    if not news:
        return
    readers = await readers_of(work, sorted({one.journey_id for one in news}), _SEE_DATES)
    await tell_many(
        work,
        [
            Telling(
                one.kind,
                readers[one.journey_id],
                one.data,
                About("journey", one.journey_id, one.thread_id),
                one.key,
            )
            for one in news
            if one.journey_id in readers
        ],
    )


async def addressees(work: Work, journey_ids: Collection[UUID]) -> Mapping[UUID, Collection[UUID]]:
    """Whom a line on the thread of a journey is for, whether or not they have ever opened it."""
    return await readers_of(work, sorted(journey_ids), _SEE_DATES)


async def tell_staff(
    work: Work, now: datetime, kind: TaskKind, tasks: Sequence[tuple[UUID, UUID, str]]
) -> None:
    """Tell whoever is on duty for these tasks (milestone, node, role): how many are theirs, by one notice."""
    if not tasks:
        return
    duty = await on_duty_at(work, {(node_id, role) for _, node_id, role in tasks}, now)
    theirs: dict[UUID, list[UUID]] = {}
    for milestone_id, node_id, role in tasks:
        for account_id in {who.account_id for who in duty.get((node_id, role), ())}:
            theirs.setdefault(account_id, []).append(milestone_id)
    await tell_many(
        work,
        [
            Telling(
                kind,
                [account_id],
                {"count": len(milestones)},
                About("account", account_id),
                f"{kind}:{min(milestones)}:{now.isoformat()}",
            )
            for account_id, milestones in theirs.items()
        ],
    )

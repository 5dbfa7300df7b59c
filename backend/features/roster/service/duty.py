"""Who is on duty, until when, and who is next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Invalid, NotFound
from backend.db.work import Work
from backend.features.people.service import ROLES, scope_of
from backend.features.roster.repository import posts as repository
from backend.features.roster.rules import (
    Duty,
    Ground,
    Passed,
    Post,
    changes_at,
    duties,
    on_duty_until,
    passed_over,
)
from backend.features.roster.rules import on_duty as nearest_on_duty
from backend.platform.tree import node_within


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody on duty for a node until a moment; None: no end within 8 days.

    `node_id` is where they stand in the tree: there, or further up. `position_id` is their own position, also where
    they stand in for another's (`stands_in_for`).
    """

    account_id: UUID
    name: str | None
    position_id: UUID
    until: datetime | None
    role: str
    node_id: UUID
    ground: Ground
    stands_in_for: UUID | None = None


async def on_duty(work: Work, project_id: UUID, role: str, at: datetime) -> list[OnDuty]:
    """Who is on duty with a role for a project, or for any other node: at the nearest node at which anybody is.

    Empty: nobody, up to the company.
    """
    return (await on_duty_at(work, [(project_id, role)], at)).get((project_id, role), [])


async def on_duty_at(
    work: Work, wanted: Collection[tuple[UUID, str]], at: datetime
) -> dict[tuple[UUID, str], list[OnDuty]]:
    """`on_duty` for many nodes and roles in one look; unknown nodes are left out."""
    found = await repository.along(work, wanted, at)
    return {
        asked: [_until(here.posts, duty, at) for duty in nearest_on_duty(here.path, here.posts, at)]
        for asked, here in found.items()
    }


async def duties_at(
    work: Work, wanted: Collection[tuple[UUID, str]], at: datetime
) -> dict[tuple[UUID, str], list[Duty]]:
    """`on_duty_at` without until when, which is most of what that takes: for whoever acts at once."""
    found = await repository.along(work, wanted, at)
    return {asked: nearest_on_duty(here.path, here.posts, at) for asked, here in found.items()}


async def shift_of(work: Work, account_id: UUID, at: datetime) -> list[OnDuty]:
    """Every duty of an account at a moment, whatever the role and node; empty: they are off."""
    return (await shifts_of(work, [account_id], at))[account_id]


async def shifts_of(work: Work, account_ids: Collection[UUID], at: datetime) -> dict[UUID, list[OnDuty]]:
    """`shift_of` for many accounts in one look.

    Whoever keeps an `until` has to ask again before it: an absence may be entered, shifts set, a position ended.
    """
    posts = await repository.posts_of(work, account_ids, at)
    found: dict[UUID, list[OnDuty]] = {account_id: [] for account_id in account_ids}
    for duty in duties(posts, at):
        if duty.account_id in found:
            found[duty.account_id].append(_until(posts, duty, at))
    return found


def _until(posts: Sequence[Post], duty: Duty, at: datetime) -> OnDuty:
    return OnDuty(
        duty.account_id,
        duty.name,
        duty.position_id,
        on_duty_until(posts, duty, at),
        duty.role,
        duty.node_id,
        duty.ground,
        duty.stands_in_for,
    )


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is on duty for a project with a role, the nearer nodes that were passed, and who is when that changes."""

    role: str
    at: datetime
    on_duty: list[OnDuty]
    passed: list[Passed]
    changes_at: datetime | None
    next: list[OnDuty]


async def roster_seen(
    work: Work, caller: Caller, now: datetime, project_id: UUID, role: str, at: datetime
) -> Roster:
    """The roster of a project in the caller's scope at a moment: coming, or past as it stood then.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project there.
        Invalid: `role_unknown`.
    """
    node = await node_within(work, project_id, await scope_of(work, caller, "see_estate", now))
    if node is None or node.kind != "project":
        raise NotFound()
    if role not in ROLES:
        raise Invalid("role_unknown", field="role")
    here = (await repository.along(work, [(project_id, role)], at))[project_id, role]
    found = nearest_on_duty(here.path, here.posts, at)
    change = changes_at(here.path, here.posts, at)
    coming = [] if change is None else nearest_on_duty(here.path, here.posts, change)
    return Roster(
        role=role,
        at=at,
        on_duty=[_until(here.posts, duty, at) for duty in found],
        passed=passed_over(here.path, here.posts, at, found),
        changes_at=change,
        next=[_until(here.posts, duty, change) for duty in coming if change is not None],
    )

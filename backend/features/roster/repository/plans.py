"""Plans and their shifts in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import column, insert, select, table, text

from backend.db.work import Work
from backend.features.roster.models import RosterPlan, RosterShift
from backend.features.roster.rules import Shift


@dataclass(frozen=True, slots=True)
class Place:
    """A position with its node and its holder's name."""

    position_id: UUID
    account_id: UUID
    name: str | None
    role: str
    node_id: UUID
    node_name: str
    path: list[UUID]


async def place_within(work: Work, position_id: UUID, scope: Sequence[UUID]) -> Place | None:
    """A position whose node is in the scope."""
    row = (
        await work.execute(
            text(
                "SELECT p.id, p.account_id, a.name, p.role, n.id AS node_id, n.name AS node_name, n.path"
                " FROM position p JOIN node n ON n.id = p.node_id JOIN account a ON a.id = p.account_id"
                " WHERE p.id = :position AND n.path && CAST(:scope AS uuid[])"
            ),
            {"position": position_id, "scope": list(scope)},
        )
    ).one_or_none()
    return None if row is None else Place(*row)


async def newest_plan(work: Work, position_id: UUID) -> tuple[RosterPlan, str | None] | None:
    """The plan that stands, and the name of who set it."""
    setter = table("account", column("id"), column("name"))
    row = (
        await work.execute(
            select(RosterPlan, setter.c.name)
            .outerjoin(setter, setter.c.id == RosterPlan.set_by)
            .where(RosterPlan.position_id == position_id)
            .order_by(RosterPlan.number.desc())
            .limit(1)
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


async def shifts_of(work: Work, plan: RosterPlan) -> list[Shift]:
    """A plan's shifts, as they were listed."""
    rows = await work.scalars(
        select(RosterShift)
        .where(RosterShift.position_id == plan.position_id, RosterShift.number == plan.number)
        .order_by(RosterShift.place)
    )
    return [Shift(frozenset(row.weekdays), row.opens, row.closes, row.since, row.until) for row in rows]


async def write_plan(work: Work, plan: RosterPlan, shifts: Sequence[Shift]) -> None:
    """Write a plan with its shifts."""
    work.add(plan)
    await work.flush()
    if shifts:
        rows = [
            {
                "position_id": plan.position_id,
                "number": plan.number,
                "place": place,
                "weekdays": sorted(shift.weekdays),
                "opens": shift.opens,
                "closes": shift.closes,
                "since": shift.since,
                "until": shift.until,
            }
            for place, shift in enumerate(shifts)
        ]
        await work.execute(insert(RosterShift), rows)

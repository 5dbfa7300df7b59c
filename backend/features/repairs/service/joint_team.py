"""The joint repair team of a project: who is in it, and who of them is on duty (SN-45 to SN-47, CT-18)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.estate.service import project_dates, project_scope
from backend.features.people.service import positions_of
from backend.features.repairs.models.sites import JointTeamMember
from backend.features.repairs.repository import sites as repository
from backend.features.repairs.rules.team import MONTHS, TeamDuty, TeamState, Term, team_state
from backend.features.roster.service import shifts_of
from backend.platform.calendar import add_months


@dataclass(frozen=True, slots=True)
class Member:
    """A row of `joint_team_member` with the member's name, and whether the roster has them on duty now."""

    row: Any
    on_duty: bool


@dataclass(frozen=True, slots=True)
class Team:
    """A project's joint repair team: from when until when it exists, and who is or was in it."""

    project_id: UUID
    state: TeamState
    term: Term | None
    members: Sequence[Member]


async def joint_team(work: Work, caller: Caller, now: datetime, project_id: UUID) -> Team:
    """The team of a project in the caller's scope.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project there.
    """
    await project_scope(work, caller, now, project_id, "see_estate")
    return await _team(work, now, project_id)


def term_of(mass_move_in_on: date | None) -> Term | None:
    """When the team of a project exists; None: nobody has said when its mass move-in begins, and nothing follows.

    By calendar months (TM-11): from 30 November its last day is 28 February, or 29.
    """
    return None if mass_move_in_on is None else Term(mass_move_in_on, add_months(mass_move_in_on, MONTHS))


async def on_duty_of_team(work: Work, now: datetime, project_id: UUID) -> list[UUID]:
    """The accounts of a project's team who are on duty now; none when there is no team at this time."""
    team = await _team(work, now, project_id)
    return [member.row.account_id for member in team.members if member.on_duty]


async def repairs_in_team(work: Work, now: datetime, project_id: UUID, account_id: UUID) -> bool:
    """Whether somebody is in a project's team to repair (SN-46), and on duty now."""
    team = await _team(work, now, project_id)
    return any(
        one.on_duty and one.row.account_id == account_id and one.row.duty == "repairs" for one in team.members
    )


async def _team(work: Work, now: datetime, project_id: UUID) -> Team:
    term = term_of((await project_dates(work, project_id))["mass_move_in_on"])
    state = team_state(term, local_date(now))
    rows = await repository.team_of(work, project_id)
    present = [row.account_id for row in rows if row.left_at is None] if state == "exists" else []
    duties = await shifts_of(work, present, now)
    return Team(
        project_id,
        state,
        term,
        [Member(row, row.left_at is None and bool(duties.get(row.account_id))) for row in rows],
    )


async def join_team(
    work: Work,
    caller: Caller,
    now: datetime,
    project_id: UUID,
    *,
    account_id: UUID,
    duty: TeamDuty,
    unit: str,
) -> Team:
    """Put an employee into the team, before it exists or while it does. Managers of the project.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project there.
        Invalid: `staff_unknown`: nobody who holds a position today.
        Conflict: `team_over`, `in_team_already`.
    """
    await project_scope(work, caller, now, project_id, "oversee")
    if (await _team(work, now, project_id)).state == "over":
        raise Conflict("team_over")
    if not await positions_of(work, account_id, now):
        raise Invalid("staff_unknown", field="account")
    work.add(
        JointTeamMember(
            id=new_id(),
            project_id=project_id,
            account_id=account_id,
            duty=duty,
            unit=unit,
            added_by=caller.account_id,
            joined_at=now,
        )
    )
    try:
        await work.flush()
    except IntegrityError as error:
        if "uq_joint_team_member_present" in str(error.orig):
            raise Conflict("in_team_already", field="account") from None
        raise
    return await _team(work, now, project_id)


async def leave_team(work: Work, caller: Caller, now: datetime, project_id: UUID, member_id: UUID) -> None:
    """Take somebody out of the team; that they were in it stays on record. Said again, nothing changes.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project, or member, there.
    """
    await project_scope(work, caller, now, project_id, "oversee")
    member = await repository.member_locked(work, project_id, member_id)
    if member is None:
        raise NotFound()
    if member.left_at is None:
        member.left_at, member.removed_by = max(now, member.joined_at), caller.account_id
        await work.flush()

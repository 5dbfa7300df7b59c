"""Homes: a person's own, and staff's lists and search."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final, TypedDict
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import NotFound
from backend.db.direct import Direct
from backend.db.work import Work
from backend.features.estate.finding import search_for
from backend.features.estate.repository import homes, my_homes, ownerships, projects
from backend.features.estate.service.my_homes import told
from backend.features.estate.service.views import HomeInFull, HomeView, for_staff, resident, stage_of
from backend.features.people.service import HOUSEHOLD_ROLES, Member, household_sees, people_of, scope_of
from backend.platform.http.digests import told_tag

_SEE_DATES: Final = tuple(role for role in HOUSEHOLD_ROLES if household_sees(role, "dates"))
_SEE_CONTRACT: Final = tuple(role for role in HOUSEHOLD_ROLES if household_sees(role, "contract"))


class _Seen(TypedDict):
    today: date
    dates_roles: tuple[str, ...]
    contract_roles: tuple[str, ...]


async def homes_of(
    direct: Direct, account_id: UUID, now: datetime, *, shape: str, holds: Callable[[str], bool] | None
) -> tuple[str, bytes | None]:
    """The entity tag of the account's homes and, unless the caller `holds` that already, the homes as JSON.

    A hot read: see the repository. `shape` changes with the answer's schema.
    """
    seen: _Seen = {"today": local_date(now), "dates_roles": _SEE_DATES, "contract_roles": _SEE_CONTRACT}
    if holds is not None:
        tag = told_tag(shape, *await my_homes.my_homes_mark(direct, account_id, **seen))
        if holds(tag):
            return tag, None
    mark, rows = await my_homes.my_homes(direct, account_id, **seen)
    return told_tag(shape, *mark), told(rows)


async def find_homes(
    work: Work,
    caller: Caller,
    now: datetime,
    project_id: UUID,
    typed: str | None,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[tuple[HomeView, str]]:
    """A page of a project's homes in natural order, each with its sort key; those that `typed` means, when it is given.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
    """
    scope = await scope_of(work, caller, "see_estate", now)
    project = await projects.project_seen(work, scope, project_id)
    if project is None:
        raise NotFound()
    search = None
    if typed is not None and (search := search_for(typed)) is None:
        return []
    buildings = None if project.whole else await projects.buildings_seen(work, scope, project_id)
    rows = await homes.homes_found(work, project_id, search, buildings=buildings, after=after, limit=limit)
    people = await people_of(work, [row.ownership_id for row in rows if row.ownership_id])
    return [(_view(row, people, now), row.sort_key) for row in rows]


async def home_in_full(work: Work, caller: Caller, now: datetime, home_id: UUID) -> HomeInFull:
    """One home with all it has been.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such home in the caller's scope.
    """
    scope = await scope_of(work, caller, "see_estate", now)
    row = await homes.home_seen(work, scope, home_id)
    if row is None:
        raise NotFound()
    people = await people_of(work, [row.ownership_id] if row.ownership_id else [])
    today = local_date(now)
    history = tuple(for_staff(one, row, today) for one in await ownerships.ownerships_of(work, home_id))
    return HomeInFull(
        home=_view(row, people, now),
        project_id=row.project_id,
        project=row.project,
        current=next((one for one in history if one.ended_on is None), None),
        history=history,
    )


async def lives_below(work: Work, scope: list[UUID], account_id: UUID) -> bool:
    """Whether the account belongs to the household of a home in `scope` now."""
    return await homes.lives_below(work, scope, account_id)


def _view(row: Any, people: dict[UUID, list[Member]], now: datetime) -> HomeView:
    return HomeView(
        id=row.id,
        building=row.building,
        unit=row.unit,
        room=row.room,
        layout=row.layout,
        area=row.area,
        fitout=row.fitout,
        ownership_id=row.ownership_id,
        stage=stage_of(row, local_date(now)) if row.ownership_id else None,
        residents=tuple(resident(member) for member in people.get(row.ownership_id, [])),
    )

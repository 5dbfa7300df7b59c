"""The managers' board, and the homes behind its figures."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from backend.core.locale import Locale, say
from backend.core.paging import decode_cursor
from backend.core.wire import Line, Page
from backend.features.journey import schemas_board as schemas
from backend.features.journey import service
from backend.features.standard.service import Obligation
from backend.platform.http.caller import Staff
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

board = router(tag="journeys")

Code = Annotated[Line | None, Query(max_length=60)]


@board.get("/projects/{project_id}/journey-board", responses=problems(401, 403, 404))
async def read_journey_board(
    process: Here, work: Uow, caller: Staff, locale: Lang, project_id: UUID
) -> schemas.Board:
    """A project at a glance: homes by step, what is overdue, what is due soon, and roles that nobody holds."""
    found = await service.board_of(work, caller, process.clock.now(), project_id)
    return schemas.Board(
        project_id=project_id,
        homes=sum(one.homes for one in found.steps),
        steps=[
            schemas.BoardStep(
                standard=one.standard,
                code=one.step.code,
                number=one.step.number,
                name=service.words(one.step.name, locale),
                homes=one.homes,
            )
            for one in found.steps
        ],
        overdue_count=sum(one.count for one in found.overdue),
        overdue=[
            schemas.BoardOverdue(
                standard=one.standard,
                obligation=one.obligation.code,
                name=service.words(one.obligation.name, locale),
                timers=_timers(one.obligation),
                count=one.count,
                oldest_due_on=one.oldest_due_on,
            )
            for one in found.overdue
        ],
        within_7_days=sum(one.soon for one in found.ahead),
        within_30_days=sum(one.ahead for one in found.ahead),
        ahead=[
            schemas.BoardAhead(
                standard=one.standard,
                obligation=one.obligation.code,
                name=service.words(one.obligation.name, locale),
                timers=_timers(one.obligation),
                within_7_days=one.soon,
                within_30_days=one.ahead,
            )
            for one in found.ahead
        ],
        vacant=[
            schemas.BoardVacancy(
                role=one.role,
                name=say(locale, f"role.{one.role}"),
                tasks=one.tasks,
                oldest_due_at=one.oldest_due_at,
            )
            for one in found.vacant
        ],
    )


@board.get("/projects/{project_id}/journeys", responses=problems(401, 403, 404))
async def list_journeys(
    process: Here,
    work: Uow,
    caller: Staff,
    locale: Lang,
    project_id: UUID,
    step: Annotated[Code, Query(description="Only homes that stand in this step.")] = None,
    overdue: Annotated[bool, Query(description="Only homes for which something is overdue.")] = False,
    obligation: Annotated[
        Code, Query(description="Only homes to which this is owed now; with `overdue`: and overdue.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[schemas.BoardHome]:
    """The homes behind the board's figures, in natural order, each with what is overdue."""
    which = service.Which(step, overdue, obligation)
    after = decode_cursor(cursor, tuple[str, UUID])
    found = await service.journeys_page(
        work, caller, process.clock.now(), project_id, which, after, limit + 1
    )
    return page_of(
        found, limit, show=lambda one: _shown(one, locale), key=lambda one: (one.row.sort_key, one.row.id)
    )


def _shown(one: service.HomeOnBoard, locale: Locale) -> schemas.BoardHome:
    row = one.row
    return schemas.BoardHome(
        home_id=row.id,
        ownership_id=row.ownership_id,
        building=row.building,
        unit=row.unit,
        room=row.room,
        step=row.step,
        step_name=service.words(one.step.name, locale),
        overdue=[
            schemas.BoardLate(name=service.words(one.obligations[late["obligation"]].name, locale), **late)
            for late in row.overdue or ()
        ],
    )


def _timers(obligation: Obligation) -> list[str]:
    return [rule for rule in obligation.rules if rule.startswith("TM-")]

"""Agents at the hotline's desk."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.features.chat import schemas, service
from backend.features.chat.routes.asked import OnNobody
from backend.platform.http.caller import Staff
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

agents = router(tag="agents")


@agents.put("/agents/me", responses=problems(401, 403))
async def say_agent_state(
    process: Here, work: Uow, caller: Staff, nobody_on_duty: OnNobody, asked: schemas.AgentSays
) -> schemas.AgentStands:
    """Say how I am. Whoever becomes available on duty is given what has waited longest, up to their limit.

    It also says that I am here; without a socket, say it again within the minute.
    """
    said = service.Said(asked.state, frozenset(asked.model_fields_set), asked.limit, tuple(asked.skills))
    now = process.clock.now()
    await service.say_state(work, caller, now, nobody_on_duty, said)
    return schemas.AgentStands.model_validate(await service.agent_stands(work, caller))


@agents.get("/agents", responses=problems(401, 403, 404))
async def list_agents(
    process: Here,
    work: Uow,
    caller: Staff,
    project: Annotated[UUID | None, Query(description="Only those who answer for this project.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.AgentStands]:
    """The agents in my scope: how they are, how much they hold."""
    after = decode_cursor(cursor, tuple[UUID])
    now = process.clock.now()
    found = await service.agents_page(
        work, caller, now, project, None if after is None else after[0], limit + 1
    )
    return page_of(
        found,
        limit,
        show=schemas.AgentStands.model_validate,
        key=lambda row: (row.account_id,),
    )

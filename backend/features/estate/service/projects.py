"""Projects and their facts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Invalid, NotFound
from backend.db.work import Work
from backend.features.estate.repository import projects
from backend.features.estate.rules import PROJECT_DATES
from backend.features.estate.service.telling import tell_project_dates_changed
from backend.features.people.service import Capability, scope_of
from backend.platform.calendar import set_hours_from_words
from backend.platform.process import Process
from backend.platform.tree import node_within


async def list_projects(
    work: Work, caller: Caller, now: datetime, after: tuple[str, UUID] | None, limit: int
) -> Sequence[Any]:
    """A page of the projects the caller works in, by name.

    Raises:
        NotAllowed: `not_in_your_role`.
    """
    return await projects.projects_seen(work, await scope_of(work, caller, "see_estate", now), after, limit)


async def find_project(work: Work, caller: Caller, now: datetime, project_id: UUID) -> Any:
    """One of them.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
    """
    found = await projects.project_seen(work, await scope_of(work, caller, "see_estate", now), project_id)
    if found is None:
        raise NotFound()
    return found


async def project_scope(
    work: Work, caller: Caller, now: datetime, project_id: UUID, capability: Capability
) -> list[UUID]:
    """The nodes over which the caller has this capability, when the project lies among them or holds some.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
    """
    scope = await scope_of(work, caller, capability, now)
    node = await node_within(work, project_id, scope)
    if node is None or node.kind != "project":
        raise NotFound()
    return scope


async def project_to_edit(work: Work, caller: Caller, now: datetime, project_id: UUID) -> Any:
    """One that the caller may edit, locked until the end of the unit of work.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
    """
    scope = await scope_of(work, caller, "edit_estate", now)
    found = await projects.project_seen(work, scope, project_id)
    if found is None or not found.whole:
        raise NotFound()
    await projects.project_to_edit(work, project_id)
    return await projects.project_seen(work, scope, project_id)


async def edit_project(
    process: Process,
    work: Work,
    caller: Caller,
    now: datetime,
    project_id: UUID,
    facts: Mapping[str, Any],
) -> Any:
    """Write these facts of a project that `project_to_edit` has found, and return it as it is then.

    Its service hours, where they can be read, are what its calendar goes by until an administrator sets others.
    """
    project = await projects.project_to_edit(work, project_id)
    dated = any(
        getattr(project, field) != facts.get(field, getattr(project, field)) for field in PROJECT_DATES
    )
    for field, value in facts.items():
        setattr(project, field, value)
    for later, earlier in (
        ("mass_move_in_ends_on", "mass_move_in_on"),
        ("first_delivery_on", "sales_open_on"),
    ):
        first, last = getattr(project, earlier), getattr(project, later)
        if first is not None and last is not None and last < first:
            raise Invalid("dates_reversed", field=later)
    await work.flush()
    if dated:
        await tell_project_dates_changed(work, process.waker, project_id, actor_id=caller.account_id)
    if "service_hours" in facts:
        words = facts["service_hours"]
        await set_hours_from_words(work, process.clocks, project_id, words, actor=caller.account_id)
    return await find_project(work, caller, now, project_id)

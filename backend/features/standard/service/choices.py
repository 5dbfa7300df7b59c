"""Which standard a project, or the whole company, goes by."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, NotFound
from backend.db.work import Work
from backend.features.people.service import scope_of
from backend.features.standard import repository
from backend.features.standard.service.lookup import DEFAULT, standard_for
from backend.platform.tree import NodeKind, root_node


@dataclass(frozen=True, slots=True)
class Choice:
    """What a node goes by today. `chosen_at` is where that was chosen; None: nowhere, it is the product's own."""

    code: str
    version: str
    since: date | None
    chosen_at: NodeKind | None


async def choice_of(work: Work, caller: Caller, now: datetime, project_id: UUID) -> Choice:
    """What a project of the caller's scope goes by.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
        Conflict: `standard_not_effective`.
    """
    scope = await scope_of(work, caller, "see_estate", now)
    node = await repository.node_within(work, project_id, scope)
    if node is None or node.kind != "project":
        raise NotFound()
    return await _choice(work, now, project_id)


async def choose_for_project(
    work: Work, caller: Caller, now: datetime, project_id: UUID, code: str
) -> Choice:
    """From today on a project goes by this standard. What has begun keeps the version it began under.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
        Conflict: `standard_not_effective`, when no version of it is in effect today.
    """
    scope = await scope_of(work, caller, "edit_standard", now)
    node = await repository.node_within(work, project_id, scope)
    if node is None or node.kind != "project":
        raise NotFound()
    return await _choose(work, caller, now, node.id, code)


async def choose_for_company(work: Work, caller: Caller, now: datetime, code: str) -> Choice:
    """From today on whatever chose none goes by this standard.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: the company is not in the caller's scope.
        Conflict: `standard_not_effective`.
    """
    scope = await scope_of(work, caller, "edit_standard", now)
    root = await root_node(work)
    if root.id not in scope:
        raise NotFound()
    return await _choose(work, caller, now, root.id, code)


async def _choose(work: Work, caller: Caller, now: datetime, node_id: UUID, code: str) -> Choice:
    today = local_date(now)
    if await repository.effective_id(work, code, today) is None:
        raise Conflict("standard_not_effective", name=code)
    repository.choose(
        work,
        {"node_id": node_id, "code": code, "since": today, "chosen_by": caller.account_id, "at": now},
    )
    await work.flush()
    return await _choice(work, now, node_id)


async def _choice(work: Work, now: datetime, node_id: UUID) -> Choice:
    today = local_date(now)
    found = await repository.chosen(work, node_id, today)
    standard = await standard_for(work, node_id, today)
    if found is None:
        return Choice(DEFAULT, standard.version, None, None)
    return Choice(found.code, standard.version, found.since, found.kind)

"""What a visit found becomes a case, linked both ways (GP-03, HC-48)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Invalid
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.hotline.models import CaseLink
from backend.features.hotline.repository import flow
from backend.features.hotline.rules.words import Category, Kind, Severity
from backend.features.hotline.service.bringing import Asked
from backend.features.hotline.service.opening import open_case
from backend.features.visits.service import finding_to_settle, settle_finding
from backend.platform.process import Process
from backend.platform.threads import Sight


async def case_of_finding(
    process: Process,
    work: Work,
    sights: Mapping[str, Sight],
    caller: Caller,
    now: datetime,
    visit_id: UUID,
    number: int,
    *,
    kind: Kind,
    category: Category | None,
    severity: Severity | None,
) -> UUID:
    """Open the case that a finding is to become, received by the return visit.

    Raises:
        NotFound, Conflict: as `visits.service.finding_to_settle`.
        Invalid, NotAllowed: as `open_case`; `project_unknown`, where the visit was of no project.
    """
    act, finding = await finding_to_settle(process, work, caller, now, visit_id, number)
    visit = act.visit
    said: dict[str, Any] = {
        "kind": kind,
        "gist": finding.words,
        "channel": "return_visit",
        "from_thread": visit.thread_id,
    }
    said |= {name: value for name, value in (("category", category), ("severity", severity)) if value}
    if visit.ownership_id is not None:
        said["ownership_id"] = visit.ownership_id
        if visit.contact_id is not None:
            said["reporter_id"] = visit.contact_id
    elif (project_id := await flow.project_of(work, visit.node_id)) is not None:
        said |= {"project_id": project_id, "common_part": True}
    else:
        raise Invalid("project_unknown")
    asked = Asked(given=frozenset(said), **said)
    opened = await open_case(process, work, sights, caller, now, asked)
    work.add(
        CaseLink(
            id=new_id(),
            case_id=opened.id,
            kind="visit",
            subject_id=visit.id,
            thread_id=visit.thread_id,
            why="came_from",
            by_id=caller.account_id,
        )
    )
    await settle_finding(act, finding, opened.id)
    return opened.id

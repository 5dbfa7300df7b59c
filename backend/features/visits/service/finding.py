"""What a visit found: it becomes a ticket at once, a case by the hotline, or stays a note; each is linked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict, Invalid, NotFound
from backend.db.work import Work
from backend.features.repairs.service import Asked, open_ticket
from backend.features.visits.models import VisitFinding
from backend.features.visits.repository import visits as repository
from backend.features.visits.rules.findings import Becomes
from backend.features.visits.service.acting import Acting, acting_on
from backend.features.visits.service.making import show
from backend.platform.process import Process
from backend.platform.threads import Sight


@dataclass(frozen=True, slots=True)
class Found:
    """What was found. Of what becomes a ticket, `place` and `component` are wanted."""

    words: str
    becomes: Becomes
    place: str | None
    component: str | None
    urgent: bool
    photos: Sequence[UUID]


async def find(
    process: Process,
    work: Work,
    sights: Mapping[str, Sight],
    caller: Caller,
    now: datetime,
    visit_id: UUID,
    found: Found,
) -> VisitFinding:
    """Note what a visit found, also after it. What is to be repaired is a ticket at once, in whoever's name.

    Raises:
        NotFound, NotAllowed, Conflict: as `acting_on`, `require_maker`; `visit_over`: of one that was not made; as
        `repairs.service.open_ticket`.
        Invalid: `place_missing`, `component_missing`, `no_home`.
    """
    act = await acting_on(process, work, caller, now, visit_id)
    act.require_maker()
    if act.visit.state == "void":
        raise Conflict("visit_over", present={"state": act.visit.state})
    if found.photos:
        await show(act, found.photos)
    finding = VisitFinding(
        visit_id=visit_id,
        number=await repository.next_finding(work, visit_id),
        becomes=found.becomes,
        place=found.place,
        component=found.component,
        words=found.words,
        photos=list(found.photos),
        by_id=caller.account_id,
        at=now,
    )
    if found.becomes == "ticket":
        finding.ticket_id = await _ticket(act, sights, found)
    work.add(finding)
    body = {
        "finding": finding.number,
        "becomes": found.becomes,
        "words": found.words,
        "ticket": None if finding.ticket_id is None else str(finding.ticket_id),
    }
    act.note("visit_found", body)
    await act.settle()
    return finding


async def finding_to_settle(
    process: Process, work: Work, caller: Caller, now: datetime, visit_id: UUID, number: int
) -> tuple[Acting, VisitFinding]:
    """A finding that is to become a case and has not yet, its visit locked; for the hotline.

    Raises:
        NotFound: the caller sees no such visit, or it has no such finding.
        Conflict: `finding_settled`: it has become something, or is a note.
    """
    act = await acting_on(process, work, caller, now, visit_id)
    finding = await work.get(VisitFinding, (visit_id, number), populate_existing=True)
    if finding is None:
        raise NotFound()
    if finding.becomes != "case" or finding.case_id is not None:
        raise Conflict("finding_settled")
    return act, finding


async def settle_finding(act: Acting, finding: VisitFinding, case_id: UUID) -> None:
    """It has become this case: linked, with a line on the visit's thread."""
    finding.case_id = case_id
    act.note("visit_found", {"finding": finding.number, "becomes": "case", "case": str(case_id)})
    await act.settle()


async def _ticket(act: Acting, sights: Mapping[str, Sight], found: Found) -> UUID:
    if found.place is None:
        raise Invalid("place_missing", field="place")
    if found.component is None:
        raise Invalid("component_missing", field="component")
    if act.visit.ownership_id is None:
        raise Invalid("no_home", field="becomes")
    asked = Asked(
        ownership_id=act.visit.ownership_id,
        place=found.place,
        component=found.component,
        description=found.words,
        urgent=found.urgent,
        from_thread=act.visit.thread_id,
        # Whoever makes the visit may: the house follows what is found until it is put right (S6-21).
        within=[act.visit.node_id],
    )
    return (await open_ticket(act.process, act.work, sights, act.caller, act.now, asked)).id

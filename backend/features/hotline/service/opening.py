"""Taking a case in: place, number, clocks, lines, who has it and who is told, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.files.service import use
from backend.features.hotline.models import Case, CaseLink
from backend.features.hotline.repository import cases
from backend.features.hotline.repository import opening as repository
from backend.features.hotline.rules.choosing import Choice
from backend.features.hotline.rules.clocks import AT_RECEIPT
from backend.features.hotline.rules.words import Linked, LinkReason
from backend.features.hotline.service.acting import SUBJECT
from backend.features.hotline.service.assigning import choose_for, named
from backend.features.hotline.service.bringing import Asked, check, check_people, place_of
from backend.features.hotline.service.clocks import Clocks
from backend.features.hotline.service.moves.dispatching import columns, reasons, said
from backend.features.hotline.service.parts import acts_on
from backend.features.hotline.service.receiving import told
from backend.features.notices.service import tell_many
from backend.features.people.service import checked_phone
from backend.features.repairs import service as repairs
from backend.features.standard.service import standard_for
from backend.features.visits.service import hide
from backend.platform.process import Process
from backend.platform.threads import NewEntry, Sight, append_many, open_threads


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that is there now. `first`: it was not before."""

    id: UUID
    first: bool


async def open_case(
    process: Process, work: Work, sights: Mapping[str, Sight], caller: Caller, now: datetime, asked: Asked
) -> Opened:
    """Take a case in.

    Raises:
        Invalid: what `rules.intake` names; `home_unknown`, `project_unknown`, `thread_unknown`, `staff_unknown`,
        `role_unknown`, `phone_invalid`; what `repairs.service.open_ticket` raises.
        NotAllowed: `not_in_your_role`; `not_about_yourself`.
        Conflict: `id_taken`, `not_responsible`; what `files.service.use` raises.
    """
    if asked.id is not None and await _opened_before(work, caller, now, asked.id):
        return Opened(asked.id, first=False)
    place, taker = await place_of(work, caller, now, asked)
    received_at = check(taker, now, asked)
    await check_people(process, work, sights, caller, asked)
    id_ = asked.id or new_id()
    # Whoever opens the same one at this moment waits here, and then finds it opened.
    thread_id = (await open_threads(work, SUBJECT, [id_]))[id_]
    if asked.id is not None and await _opened_before(work, caller, now, id_):
        return Opened(id_, first=False)
    case = await _case(work, caller, now, asked, place, id_, thread_id, received_at)
    ticket_id = await _ticket(process, work, sights, caller, now, asked, place)
    kept_from = frozenset() if asked.about_id is None else frozenset({asked.about_id})
    choice = await _choice(work, now, asked, case, kept_from)
    if choice is not None:
        _dispatched(case, choice, asked)
    if ticket_id is not None:
        _passed_on(case, ticket_id, now)
    case.number = await repository.next_number(work, local_date(now).year)
    work.add(case)
    await work.flush()
    clocks = Clocks.begin(work, case, now, caller.account_id)
    await _run(clocks, asked, received_at)
    await _beside(process, work, caller, asked, case, ticket_id)
    await work.flush()
    await clocks.settle(process.waker)
    await append_many(work, _lines(caller, case, asked, choice, ticket_id))
    await tell_many(work, await told(work, now, case, choice, kept_from, caller.account_id))
    return Opened(id_, first=True)


async def _opened_before(work: Work, caller: Caller, now: datetime, id_: UUID) -> bool:
    found = await cases.find(work, id_)
    if found is None:
        return False
    if found.opened_by != caller.account_id:
        raise Conflict("id_taken", field="id")
    await acts_on(work, caller, now, found)
    return True


async def _case(
    work: Work,
    caller: Caller,
    now: datetime,
    asked: Asked,
    place: Any,
    id_: UUID,
    thread_id: UUID,
    received_at: datetime,
) -> Case:
    reporter_id = None if asked.anonymous else place.reporter_id
    phone = asked.contact.phone and checked_phone(asked.contact.phone, "contact.phone")
    phone = phone or (place.contact_phone if reporter_id else None)
    return Case(
        id=id_,
        project_id=place.project_id,
        node_id=place.node_id,
        home_id=place.home_id,
        ownership_id=place.ownership_id,
        thread_id=thread_id,
        from_thread_id=asked.from_thread,
        opened_by=caller.account_id,
        reporter_id=reporter_id,
        anonymous=asked.anonymous,
        common_part=asked.common_part,
        contact_name=asked.contact.name or (place.contact_name if reporter_id else None),
        contact_phone=phone,
        contact_email=asked.contact.email,
        contactable=bool(reporter_id or phone or asked.contact.email),
        channel=asked.channel,
        kind=asked.kind,
        severity=asked.severity,
        category=asked.category,
        step=asked.step or place.step,
        service=asked.service,
        provider=asked.provider,
        gist=asked.gist,
        customer_position=asked.customer_position,
        standard_version_id=place.standard_version_id or await _standard(work, place.project_id, now),
        state="received",
        received_at=received_at,
        opened_at=now,
        late_reason=asked.late_reason,
        changed_at=now,
    )


async def _standard(work: Work, project_id: UUID, now: datetime) -> UUID | None:
    try:
        return (await standard_for(work, project_id, local_date(now))).version_id
    except Conflict:
        return None


async def _ticket(
    process: Process,
    work: Work,
    sights: Mapping[str, Sight],
    caller: Caller,
    now: datetime,
    asked: Asked,
    place: Any,
) -> UUID | None:
    """A repair goes on as a ticket, with its one engineer and its own clocks."""
    if asked.repair is None:
        return None
    if place.ownership_id is None:
        raise Invalid("repair_without_home", field="ownership_id")
    wanted = repairs.Asked(
        ownership_id=place.ownership_id,
        place=asked.repair.place,
        component=asked.repair.component,
        description=asked.gist,
        urgent=asked.repair.urgent,
        reporter_id=None if caller.kind == "owner" else place.reporter_id,
        photos=asked.photos,
    )
    return (await repairs.open_ticket(process, work, sights, caller, now, wanted)).id


async def _choice(
    work: Work, now: datetime, asked: Asked, case: Case, kept_from: frozenset[UUID]
) -> Choice | None:
    if asked.category is None:
        return None
    if asked.responsible_id is None:
        return await choose_for(work, now, case.node_id, case.standard_version_id, asked.category, kept_from)
    return await named(work, now, case, asked.category, asked.responsible_id, kept_from, case.opened_by)


def _dispatched(case: Case, choice: Choice, asked: Asked) -> None:
    case.state = "dispatched"
    case.informed_roles = sorted(set(asked.informed))
    for name, value in columns(choice).items():
        setattr(case, name, value)


def _passed_on(case: Case, ticket_id: UUID, now: datetime) -> None:
    """Its ticket goes on with it: nothing is owed here any more."""
    case.state, case.ticket_id, case.ended_at = "passed_on", ticket_id, now
    case.category = case.category or "works"
    case.responsible_role = case.responsible_role or "repair_engineer"


async def _run(clocks: Clocks, asked: Asked, received_at: datetime) -> None:
    """From receipt on (CT-05); what was ordered and promised runs to its own time instead of a reply."""
    case = clocks.case
    for code in AT_RECEIPT:
        if (case.state == "passed_on" or asked.promised_at is not None) and code != "C1":
            continue
        await clocks.start(code, received_at)
    if case.state != "received":
        clocks.meet("C1", "dispatch" if case.state == "dispatched" else "pass_on")
    if asked.promised_at is not None:
        await clocks.agree("C4", asked.promised_at)


async def _beside(
    process: Process, work: Work, caller: Caller, asked: Asked, case: Case, ticket_id: UUID | None
) -> None:
    """What stands beside a case: who is kept from it, who has handled it, links, photos."""
    me = caller.account_id
    if asked.about_id is not None:
        await cases.bar(work, case.id, asked.about_id, "complained_about", me)
        await hide(work, SUBJECT, case.id, [asked.about_id])
    if caller.kind == "staff":
        await cases.handled(work, [case.id], me, "open")
    if asked.from_thread is not None:
        work.add(_link(case, "thread", asked.from_thread, asked.from_thread, "came_from", me))
    if ticket_id is not None:
        work.add(_link(case, "ticket", ticket_id, None, "became", me))
    elif asked.photos:
        once = list(dict.fromkeys(asked.photos))
        await use(process, work, me, SUBJECT, case.id, once, kind="photo", field="photos")


def _link(
    case: Case, kind: Linked, subject_id: UUID, thread_id: UUID | None, why: LinkReason, me: UUID
) -> CaseLink:
    return CaseLink(
        id=new_id(),
        case_id=case.id,
        kind=kind,
        subject_id=subject_id,
        thread_id=thread_id,
        why=why,
        by_id=me,
    )


def _lines(
    caller: Caller, case: Case, asked: Asked, choice: Choice | None, ticket_id: UUID | None
) -> list[NewEntry]:
    thread, me = case.thread_id, caller.account_id
    body: dict[str, Any] = {
        "case": str(case.id),
        "number": case.number,
        "kind": case.kind,
        "channel": case.channel,
        "gist": case.gist,
        "photos": [str(one) for one in asked.photos],
    }
    if case.late_reason is not None:
        # A late entry is marked, with both times (CT-45).
        body |= {"received_at": case.received_at.isoformat(), "late_reason": case.late_reason}
    lines = [NewEntry(thread, "opened", body, me)]
    if choice is not None:
        lines.append(NewEntry(thread, "dispatched", {"category": case.category} | said(choice), me))
        lines.append(
            NewEntry(thread, "responsible_found", reasons(choice, asked.informed), me, audience="staff")
        )
    if asked.promised_at is not None:
        agreed = {"done_by": asked.promised_at.isoformat(), "provider": case.provider}
        lines.append(NewEntry(thread, "date_agreed", agreed, me))
    if asked.about_id is not None:
        about = {"account": str(asked.about_id), "why": "complained_about"}
        lines.append(NewEntry(thread, "barred", about, me, audience="staff"))
    if asked.from_thread is not None:
        lines.append(NewEntry(thread, "linked", {"from_thread": str(asked.from_thread)}, me))
        if asked.about_id is None:
            # Whom it is about may read there.
            linked = {"subject": SUBJECT, "id": str(case.id), "thread": str(thread), "number": case.number}
            lines.append(NewEntry(asked.from_thread, "linked", linked, me))
    if ticket_id is not None:
        lines.append(NewEntry(thread, "passed_on", {"ticket": str(ticket_id)}, me))
    return lines

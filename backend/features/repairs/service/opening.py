"""Opening a ticket: cover, engineer, clocks, lines and notices in one transaction."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.files.service import use
from backend.features.notices.service import About, Telling, tell_many
from backend.features.people.service import scope_of
from backend.features.records.service import seen
from backend.features.repairs.models import Ticket, TicketClock
from backend.features.repairs.repository import opening as repository
from backend.features.repairs.repository import tickets
from backend.features.repairs.rules.choosing import Choice, choose, trade_for
from backend.features.repairs.service.acting import SUBJECT, in_each_language
from backend.features.repairs.service.clocks import Clocks
from backend.features.repairs.service.emergencies import declare_on
from backend.features.repairs.service.parts import HOUSEHOLD, acts_on
from backend.features.repairs.service.unattended import keep_looking
from backend.features.roster.service import on_duty
from backend.features.standard.service import standard_for
from backend.features.warranty.service import Cover, cover
from backend.platform.process import Process
from backend.platform.threads import NewEntry, Sight, append_many, open_threads

DUPLICATES_WITHIN: Final = timedelta(days=30)
"""How far back possible duplicates are looked for."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A ticket that is there now. `new`: what it consists of, when it was not opened before."""

    id: UUID
    new: "New | None" = None


@dataclass(frozen=True, slots=True)
class New:
    """A ticket that was written in this moment."""

    ticket: Ticket
    home: repository.Home
    clocks: list[TicketClock]
    photos: list[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is reported. `id`: made by the phone, so that asking again opens nothing anew. `reporter_id`: by staff.

    `within`: the nodes at and below which a feature above lets this employee report, such as what a visit has found.
    """

    ownership_id: UUID
    place: str
    component: str
    description: str
    id: UUID | None = None
    photos: Sequence[UUID] = ()
    suits: Sequence[Mapping[str, Any]] = ()
    urgent: bool = False
    from_thread: UUID | None = None
    reporter_id: UUID | None = None
    within: Sequence[UUID] | None = None


async def open_ticket(
    process: Process, work: Work, sights: Mapping[str, Sight], caller: Caller, now: datetime, asked: Asked
) -> Opened:
    """Report a repair.

    Raises:
        Invalid: `home_unknown`, `only_for_callers`, `thread_unknown`, `dates_reversed`.
        NotAllowed: `not_in_your_role`.
        Conflict: `id_taken`; what `files.service.use` raises.
    """
    if asked.id is not None and await _opened_before(work, caller, now, asked.id):
        return Opened(asked.id)
    _check_times(asked.suits)
    home = await _home(work, caller, now, asked)
    if asked.from_thread is not None:
        await _require_seen(process, sights, caller, asked.from_thread)
    id_ = asked.id or new_id()
    # Whoever opens the same one at this moment waits here, and then finds it opened.
    thread_id = (await open_threads(work, SUBJECT, [id_]))[id_]
    if asked.id is not None and await _opened_before(work, caller, now, id_):
        return Opened(id_)
    covered = await cover(work, home.home_id, asked.component, local_date(now))
    choice = await _choose(work, home, trade_for(asked.component), now)
    ticket = Ticket(
        id=id_,
        project_id=home.project_id,
        node_id=home.building_id,
        home_id=home.home_id,
        ownership_id=home.ownership_id,
        thread_id=thread_id,
        from_thread_id=asked.from_thread,
        opened_by=caller.account_id,
        reporter_id=home.reporter_id,
        contact_name=home.contact_name,
        contact_phone=home.contact_phone,
        place=asked.place,
        component=asked.component,
        trade=trade_for(asked.component),
        description=asked.description,
        suits=list(asked.suits),
        urgent=asked.urgent,
        cover=_packed(covered),
        standard_version_id=home.standard_version_id or await _standard(work, home.project_id, now),
        state="reported",
        engineer_id=choice and choice.account_id,
        because={} if choice is None else choice.because,
        opened_at=now,
        changed_at=now,
    )
    clocks = Clocks.begin(work, ticket, now, caller.account_id)
    for code in ("C1", "C2", "C3"):
        await clocks.start(code)
    if choice is not None:
        # Recorded, and in the hands of a person who is told: dispatched (HC-20, HC-21).
        clocks.meet("C1", "report")
    else:
        await keep_looking(work, now)
    await repository.write(work, ticket, clocks.rows)
    if asked.photos:
        await use(
            process,
            work,
            caller.account_id,
            SUBJECT,
            id_,
            list(dict.fromkeys(asked.photos)),
            kind="photo",
            field="photos",
        )
    await append_many(work, _lines(caller, ticket, choice, asked))
    await clocks.settle(process.waker)
    await tell_many(work, _tellings(ticket, home.household))
    if asked.urgent:
        await declare_on(work, caller, now, ticket, asked.description)
    return Opened(id_, New(ticket, home, clocks.rows, list(map(str, asked.photos))))


async def alike(
    work: Work, caller: Caller, now: datetime, ownership_id: UUID, component: str, place: str
) -> Sequence[Any]:
    """What was reported of the home in the last thirty days that may be the same: shown before it is sent.

    Raises:
        Invalid: `home_unknown`.
        NotAllowed: `not_in_your_role`.
    """
    await _home(work, caller, now, Asked(ownership_id, place, component, ""))
    since = now - DUPLICATES_WITHIN
    return await repository.alike(
        work,
        ownership_id,
        component,
        place,
        since,
        caller.account_id,
        HOUSEHOLD,
        staff=caller.kind == "staff",
    )


async def _opened_before(work: Work, caller: Caller, now: datetime, id_: UUID) -> bool:
    found = await tickets.find(work, id_)
    if found is None:
        return False
    if found.opened_by != caller.account_id:
        raise Conflict("id_taken", field="id")
    await acts_on(work, caller, now, found)
    return True


async def _home(work: Work, caller: Caller, now: datetime, asked: Asked) -> repository.Home:
    today = local_date(now)
    if caller.kind == "owner":
        if asked.reporter_id is not None:
            raise Invalid("only_for_callers", field="reporter_id")
        home = await repository.own_home(work, caller.account_id, asked.ownership_id, HOUSEHOLD, today)
    else:
        scope = asked.within
        if scope is None:
            scope = await scope_of(work, caller, "serve_repairs", now)
        home = await repository.home_in_scope(
            work, asked.ownership_id, asked.reporter_id, scope, HOUSEHOLD, today
        )
    if home is None:
        raise Invalid("home_unknown", field="ownership_id")
    return home


def _check_times(suits: Sequence[Mapping[str, Any]]) -> None:
    for place, one in enumerate(suits):
        if datetime.fromisoformat(one["ends_at"]) <= datetime.fromisoformat(one["starts_at"]):
            raise Invalid("dates_reversed", field=f"suits.{place}.ends_at")


async def _require_seen(
    process: Process, sights: Mapping[str, Sight], caller: Caller, thread_id: UUID
) -> None:
    try:
        await seen(process.direct, sights, caller, thread_id)
    except NotFound:
        raise Invalid("thread_unknown", field="from_thread") from None


async def _standard(work: Work, project_id: UUID, now: datetime) -> UUID | None:
    try:
        return (await standard_for(work, project_id, local_date(now))).version_id
    except Conflict:
        return None


async def _choose(work: Work, home: repository.Home, trade: str, now: datetime) -> Choice | None:
    duty = frozenset(one.account_id for one in await on_duty(work, home.building_id, "repair_engineer", now))
    return choose(trade, repository.candidates(home.engineers, duty))


def _packed(covered: Cover) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in dataclasses.asdict(covered).items()
    }


def _lines(caller: Caller, ticket: Ticket, choice: Choice | None, asked: Asked) -> list[NewEntry]:
    thread, me = ticket.thread_id, caller.account_id
    said = {"place": ticket.place, "component": ticket.component, "description": ticket.description}
    body = said | {
        "urgent": ticket.urgent,
        "photos": [str(one) for one in asked.photos],
        "cover": ticket.cover,
    }
    lines = [NewEntry(thread, "opened", body | {"ticket": str(ticket.id)}, me)]
    if choice is not None:
        named = {"engineer": str(choice.account_id), "name": choice.name, "because": choice.because}
        lines.append(NewEntry(thread, "engineer_named", named, None))
    if asked.from_thread is not None:
        lines.append(NewEntry(thread, "linked", {"from_thread": str(asked.from_thread)}, me))
        linked = {"subject": SUBJECT, "id": str(ticket.id), "thread": str(thread)}
        lines.append(NewEntry(asked.from_thread, "linked", linked, me))
    return lines


def _tellings(ticket: Ticket, household: Sequence[UUID]) -> list[Telling]:
    about = About(SUBJECT, ticket.id, ticket.thread_id)
    key = f"ticket:{ticket.id}:opened"
    told = []
    if people := sorted({*household, *([ticket.reporter_id] if ticket.reporter_id else [])}):
        # Nobody is told of an engineer where there is none yet.
        waits = Telling("ticket_moved", people, {"what": in_each_language("ticket.told_waiting")}, about, key)
        told.append(waits if ticket.engineer_id is None else Telling("ticket_opened", people, {}, about, key))
    if ticket.engineer_id is not None:
        told.append(Telling("ticket_named", [ticket.engineer_id], {}, about, key))
    return told

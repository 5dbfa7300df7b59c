"""What is brought: where it belongs, who takes it in, and whether it may be taken in as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Invalid, NotAllowed, NotFound
from backend.db.work import Work
from backend.features.hotline.repository import opening as repository
from backend.features.hotline.rules import intake
from backend.features.hotline.rules.words import Category, Channel, Kind, Service, Severity
from backend.features.hotline.service.moves.dispatching import check_informed
from backend.features.people.service import Capability, scope_of
from backend.features.records.service import seen
from backend.platform.process import Process
from backend.platform.threads import Sight


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom to reach, as noted."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """What a ticket needs beside the gist."""

    place: str
    component: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What is brought. `given`: the fields that were sent. `id`: made by the client: asking again opens nothing anew.

    `about_id`: the employee it is about. `promised_at`: by when an ordered service is done, as agreed with the owner.
    """

    given: frozenset[str]
    kind: Kind
    gist: str
    id: UUID | None = None
    channel: Channel = "online_form"
    ownership_id: UUID | None = None
    project_id: UUID | None = None
    common_part: bool = False
    anonymous: bool = False
    reporter_id: UUID | None = None
    contact: Reached = Reached()
    severity: Severity = "general"
    category: Category | None = None
    step: str | None = None
    service: Service | None = None
    provider: str | None = None
    promised_at: datetime | None = None
    customer_position: str | None = None
    responsible_id: UUID | None = None
    informed: Sequence[str] = ()
    about_id: UUID | None = None
    from_thread: UUID | None = None
    photos: Sequence[UUID] = ()
    repair: Repair | None = None
    received_at: datetime | None = None
    late_reason: str | None = None


async def place_of(work: Work, caller: Caller, now: datetime, asked: Asked) -> tuple[Any, intake.Taker]:
    """Where it belongs, and as whom the caller takes it in.

    Raises:
        Invalid: `one_place`, `home_unknown`, `project_unknown`; a field that is not an owner's to give.
    """
    named = asked.ownership_id is not None
    if named == (asked.project_id is not None):
        raise Invalid("one_place", field="ownership_id" if named else "project_id")
    taker: intake.Taker = "owner"
    if caller.kind == "owner":
        if wrong := intake.foreign("owner", asked.given):
            raise Invalid(wrong.code, field=wrong.field)
        place = await repository.own_place(work, caller.account_id, asked.ownership_id, asked.project_id)
    else:
        taker = "desk"
        place = await _in_scope(work, asked, await _scope(work, caller, now, "handle_cases"))
        if place is None:
            taker = "employee"
            place = await _in_scope(work, asked, await _scope(work, caller, now, "see_estate"))
    if place is None:
        raise Invalid(
            "home_unknown" if named else "project_unknown", field="ownership_id" if named else "project_id"
        )
    return place, taker


async def _scope(work: Work, caller: Caller, now: datetime, capability: Capability) -> list[UUID]:
    try:
        return await scope_of(work, caller, capability, now)
    except NotAllowed:
        return []


async def _in_scope(work: Work, asked: Asked, scope: Sequence[UUID]) -> Any | None:
    if not scope:
        return None
    return await repository.place_in_scope(
        work, asked.ownership_id, asked.project_id, asked.reporter_id, scope
    )


def check(taker: intake.Taker, now: datetime, asked: Asked) -> datetime:
    """When it was received.

    Raises:
        Invalid: what `rules.intake` names.
    """
    received_at = intake.received(now, asked.received_at, asked.late_reason)
    wrong = intake.foreign(taker, asked.given) or intake.lacking(
        taker, asked.kind, asked.channel, asked.given
    )
    if wrong is not None:
        raise Invalid(wrong.code, field=wrong.field)
    if isinstance(received_at, intake.Wrong):
        raise Invalid(received_at.code, field=received_at.field)
    if asked.promised_at is not None and asked.promised_at <= now:
        raise Invalid("time_in_past", field="promised_at")
    check_informed(list(asked.informed))
    return received_at


async def check_people(
    process: Process, work: Work, sights: Mapping[str, Sight], caller: Caller, asked: Asked
) -> None:
    """Whether there is whom it is about, and whether the caller sees the thread that it comes out of.

    Raises:
        NotAllowed: `not_about_yourself`.
        Invalid: `staff_unknown`, `thread_unknown`.
    """
    if asked.about_id is not None:
        if asked.about_id == caller.account_id:
            raise NotAllowed("not_about_yourself")
        if not await repository.is_employee(work, asked.about_id):
            raise Invalid("staff_unknown", field="about_id")
    if asked.from_thread is not None:
        try:
            await seen(process.direct, sights, caller, asked.from_thread)
        except NotFound:
            raise Invalid("thread_unknown", field="from_thread") from None

"""Rows of lists made into answers."""

from datetime import datetime, timedelta
from typing import Any

from backend.core.caller import Caller
from backend.core.locale import Locale, say
from backend.features.hotline import schemas_lists as schemas
from backend.features.hotline import service
from backend.features.hotline.telling import day_and_hour, promise, shown_severity, spoken
from backend.features.people.service import mask_name, mask_phone
from backend.features.repairs.service import state_names


def listed(row: Any, caller: Caller, locale: Locale) -> schemas.ListedCase:
    """A case in a list."""
    return schemas.ListedCase(**_listed(row, caller, locale))


def queued(row: Any, caller: Caller, locale: Locale, now: datetime) -> schemas.QueuedCase:
    """A case in the queue."""
    chain = None
    if row.chain_state is not None:
        chain = schemas.ChainOfCase(step=row.chain_step + 1, state=row.chain_state)
    return schemas.QueuedCase(
        **_listed(row, caller, locale), left_seconds=_seconds(row.next_due - now), chain=chain
    )


def _listed(row: Any, caller: Caller, locale: Locale) -> dict[str, Any]:
    owed = None
    if row.next_code is not None:
        owed = schemas.OwedNext(
            code=row.next_code,
            name=say(locale, f"case.clock_{row.next_code}"),
            due_at=row.next_due,
            first_promise=row.first_promise,
            state=row.clock_state,
        )
    return {
        "id": row.id,
        "number": row.number,
        "thread_id": row.thread_id,
        "ownership_id": row.ownership_id,
        "project_id": row.project_id,
        "kind": row.kind,
        "category": row.category,
        "severity": shown_severity(row.severity, caller),
        "gist": row.gist,
        "state": row.state,
        "state_words": say(locale, f"case.state_{row.state}"),
        "paused_for": row.paused_for,
        "responsible_role": row.responsible_role,
        "responsible": row.responsible_name,
        "owed": owed,
        "received_at": row.received_at,
        "version": row.version,
    }


def clocks(counted: service.Counted, caller: Caller, locale: Locale) -> schemas.ClocksOfCase:
    """The clocks of a case: in plain words for its owner, with the arithmetic for staff."""
    staff = caller.kind == "staff"
    return schemas.ClocksOfCase(
        items=[
            schemas.ClockOfOneCase(
                **dict(promise(one.clock, counted.found.promises.get(one.clock.code), locale)),
                pauses=one.clock.pauses,
                arithmetic=_arithmetic(one) if staff else None,
            )
            for one in counted.clocks
        ],
        contact_before_dispatch=counted.contact_first if staff else None,
    )


def _arithmetic(one: service.Arithmetic) -> schemas.ClockArithmetic:
    clock = one.clock
    return schemas.ClockArithmetic(
        rule=clock.rule,
        calendar_version=clock.calendar_version,
        counted=None
        if one.counted is None
        else [schemas.CountedInterval(opens=span.opens, closes=span.closes) for span in one.counted],
        left_seconds=None if one.left is None else _seconds(one.left),
        warns_at=[datetime.fromisoformat(mark) for mark in clock.marks],
        warned=clock.warned,
        pauses=clock.pauses,
        revisions=clock.revisions,
        ended_by=clock.ended_by,
        ended_act=clock.ended_act,
    )


def intake(found: service.Calling, caller: Caller, locale: Locale) -> schemas.Intake:
    """What stands beside a call, masked (S3-23)."""
    names = state_names(locale)
    return schemas.Intake(
        account_id=found.account_id,
        name=found.name and mask_name(found.name),
        phone=found.phone and mask_phone(found.phone),
        homes=[schemas.IntakeHome.model_validate(one) for one in found.homes],
        cases=[listed(one, caller, locale) for one in found.cases],
        tickets=[
            schemas.IntakeTicket(
                id=one.id,
                ownership_id=one.ownership_id,
                place=one.place,
                component=one.component,
                state=one.state,
                state_words=names[one.state],
                opened_at=one.opened_at,
            )
            for one in found.tickets
        ],
        promises=[
            schemas.IntakePromise(
                code=one.code,
                due_at=one.due_at,
                provisional=one.provisional,
                words=spoken(one.words, locale).format(due=day_and_hour(one.due_at)),
            )
            for one in found.promises
        ],
    )


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())

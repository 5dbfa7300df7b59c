"""What whoever takes a call wants to see before writing: who calls, where, what is open (AG-01, AG-03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid
from backend.db.work import Work
from backend.features.hotline.repository import lists
from backend.features.hotline.rules.clocks import AT_RECEIPT
from backend.features.hotline.service.reading import DUPLICATES_WITHIN
from backend.features.people.service import checked_phone, owner_by_phone, scope_of
from backend.features.repairs.service import tickets_of
from backend.features.standard.document import counted_by
from backend.features.standard.service import Label, Standard, standard_for, stored
from backend.platform.calendar import calendar_of, is_working
from backend.platform.clocks import due_at

RELATED = 20


@dataclass(frozen=True, slots=True)
class Expected:
    """By when something is promised, were it received now; and its words."""

    code: str
    due_at: datetime
    provisional: bool
    words: Label


@dataclass(frozen=True, slots=True)
class Calling:
    """Who calls, as far as that is known. `promises`: for their first home there (HC-26: when to expect an answer)."""

    account_id: UUID | None
    name: str | None
    phone: str | None
    homes: Sequence[Any]
    cases: Sequence[Any]
    tickets: Sequence[Any]
    promises: Sequence[Expected]


async def calling(
    work: Work, caller: Caller, now: datetime, phone: str | None, ownership_id: UUID | None
) -> Calling:
    """The caller of this phone, or of this home, within the scope of whoever takes the call.

    Raises:
        NotAllowed: `not_in_your_role`.
        Invalid: `phone_invalid`; `home_unknown`; `value_missing`: neither is given.
    """
    scope = await scope_of(work, caller, "handle_cases", now)
    if phone is None and ownership_id is None:
        raise Invalid("value_missing", field="phone")
    number = None if phone is None else checked_phone(phone)
    account = None if number is None else await owner_by_phone(work, number)
    account_id = None if account is None else account.id
    homes = await lists.homes(work, account_id, ownership_id, scope)
    if ownership_id is not None and not any(one.ownership_id == ownership_id for one in homes):
        raise Invalid("home_unknown", field="ownership_id")
    # Somebody who lives elsewhere only is nobody to those whose scope does not reach there.
    known = account if any(one.account_id is not None for one in homes) else None
    ids = [one.ownership_id for one in homes]
    since = now - DUPLICATES_WITHIN
    found = await lists.beside(
        work, caller.account_id, scope, ids, number, None if known is None else known.id, since
    )
    return Calling(
        None if known is None else known.id,
        None if known is None else known.name,
        number,
        homes,
        found,
        await tickets_of(work, ids, RELATED),
        await _expected(work, now, homes[0]) if homes else [],
    )


async def _expected(work: Work, now: datetime, home: Any) -> list[Expected]:
    standard = await _standard(work, now, home)
    if standard is None:
        return []
    calendar = await calendar_of(work, home.node_id)
    expected = []
    for clock in standard.clocks:
        if clock.code in AT_RECEIPT and clock.due is not None:
            limit = clock.limit(working=is_working(calendar, now)) or clock.due
            found = due_at(calendar, now, counted_by(limit.model_dump()))
            expected.append(Expected(clock.code, found.moment, found.provisional, clock.promise))
    return expected


async def _standard(work: Work, now: datetime, home: Any) -> Standard | None:
    if home.standard_version_id is not None:
        return (await stored(work, home.standard_version_id)).document
    try:
        return (await standard_for(work, home.project_id, local_date(now))).document
    except Conflict:
        return None

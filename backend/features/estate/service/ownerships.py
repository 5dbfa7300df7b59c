"""Ownerships: reading one, correcting it with an audit line, and selling the home on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Fault, Invalid, NotFound
from backend.core.ids import new_id
from backend.core.sealing import Sealer
from backend.db.signals import Signals
from backend.db.work import Work
from backend.features.estate.models import Ownership, OwnershipChange
from backend.features.estate.repository import ownerships
from backend.features.estate.rules import DATES, OWNERSHIP_FACTS, date_faults
from backend.features.estate.service.telling import tell_ownerships_changed
from backend.features.estate.service.views import OwnershipView, for_staff
from backend.features.people.service import (
    Capability,
    Person,
    PhoneInvalid,
    admit_many,
    end_household,
    household_sees,
    read_phone,
    role_in,
    scope_of,
)
from backend.platform.outbox import Waker


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys: the phone in any spelling."""

    name: str
    phone: str


async def find_ownership(work: Work, caller: Caller, now: datetime, ownership_id: UUID) -> OwnershipView:
    """An ownership as the caller may see it: staff in scope all of it, its household by their role.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is none for this caller.
    """
    if caller.kind == "staff":
        await _require_in_scope(work, caller, "see_estate", now, ownership_id)
        return for_staff(*await ownerships.ownership(work, ownership_id), local_date(now))
    role = await role_in(work, caller.account_id, ownership_id)
    if role is None:
        raise NotFound()
    return _for_household(for_staff(*await ownerships.ownership(work, ownership_id), local_date(now)), role)


def _for_household(view: OwnershipView, role: str) -> OwnershipView:
    view = replace(view, remark=None, current_from=None, end_reason=None)
    if not household_sees(role, "dates"):
        view = replace(view, dates=None, stage=None)
    if not household_sees(role, "contract"):
        view = replace(view, contract_no=None, address=None, consultant=None, specialist=None)
    return view


async def ownership_to_edit(work: Work, caller: Caller, now: datetime, ownership_id: UUID) -> OwnershipView:
    """An ownership that the caller may edit, locked until the end of the unit of work.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such ownership in the caller's scope.
    """
    await _require_in_scope(work, caller, "edit_estate", now, ownership_id)
    return for_staff(*await ownerships.ownership(work, ownership_id, lock=True), local_date(now))


async def edit_ownership(
    work: Work,
    waker: Waker,
    caller: Caller,
    now: datetime,
    ownership_id: UUID,
    facts: Mapping[str, Any],
    reason: str,
) -> OwnershipView:
    """Write these facts of an ownership that `ownership_to_edit` has found, and the audit line with them.

    What is as it was leaves no line and no new version.

    Raises:
        Conflict: `ownership_ended`, `contract_no_taken`.
        Invalid: `dates_wrong`, with a fault for each date that cannot be.
    """
    held, home = await ownerships.ownership(work, ownership_id, lock=True)
    if held.ended_on is not None:
        raise Conflict("ownership_ended")
    changed = {field: value for field, value in facts.items() if getattr(held, field) != value}
    if changed:
        _check_dates({field: changed.get(field, getattr(held, field)) for field in DATES}, now)
        before = {field: getattr(held, field) for field in changed}
        for field, value in changed.items():
            setattr(held, field, value)
        await _flush(work)
        ownerships.add_change(
            work,
            ownership_id,
            "edited",
            actor_id=caller.account_id,
            before=told(before),
            after=told(changed),
            reason=reason,
            now=now,
        )
        if not changed.keys().isdisjoint(DATES):
            await tell_ownerships_changed(
                work, waker, [ownership_id], actor_id=caller.account_id, reason=reason, cause="edited"
            )
    return for_staff(held, home, local_date(now))


async def sell_on(
    work: Work,
    signals: Signals,
    waker: Waker,
    sealer: Sealer,
    caller: Caller,
    now: datetime,
    ownership_id: UUID,
    buyers: Sequence[Buyer],
    facts: Mapping[str, Any],
    reason: str,
) -> OwnershipView:
    """A resale: this ownership ends with its household, the buyers' begins, at once. The home keeps its history.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such ownership in the caller's scope.
        Conflict: `ownership_ended`, `contract_no_taken`.
        Invalid: `dates_wrong`, `buyers_wrong`, with a fault for each field.
    """
    await _require_in_scope(work, caller, "edit_estate", now, ownership_id)
    old, home = await ownerships.ownership(work, ownership_id, lock=True)
    if old.ended_on is not None:
        raise Conflict("ownership_ended")
    people = _checked_buyers(buyers)
    _check_dates({field: facts.get(field) for field in DATES}, now)
    today = local_date(now)

    await end_household(work, signals, old.id, now=now)
    old.ended_on, old.end_reason = today, "resale"
    # The end must be written before the beginning: a home has one current ownership at any moment.
    await work.flush()
    new = Ownership(
        id=new_id(),
        home_id=home.id,
        project_id=home.project_id,
        current_from=today,
        **{field: facts.get(field) for field in OWNERSHIP_FACTS},
    )
    work.add(new)
    await _flush(work)
    await admit_many(work, sealer, [(new.id, people)], now=now)
    ended = {"ended_on": today.isoformat(), "end_reason": "resale"}
    begun = {field: value for field, value in facts.items() if value is not None}
    add_change = partial(
        ownerships.add_change, work, actor_id=caller.account_id, before={}, reason=reason, now=now
    )
    add_change(old.id, "ended", after=ended)
    add_change(new.id, "created", after=told(begun))
    await tell_ownerships_changed(
        work, waker, [old.id, new.id], actor_id=caller.account_id, reason=reason, cause="resale"
    )
    return for_staff(new, home, today)


async def changes_of(
    work: Work, caller: Caller, now: datetime, ownership_id: UUID, before: UUID | None, limit: int
) -> Sequence[OwnershipChange]:
    """A page of the audit trail, the newest first.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such ownership in the caller's scope.
    """
    await _require_in_scope(work, caller, "see_estate", now, ownership_id)
    return await ownerships.changes(work, ownership_id, before, limit)


def told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as an audit line holds them: days and areas as text."""
    return {
        field: value.isoformat()
        if isinstance(value, date)
        else str(value)
        if isinstance(value, Decimal)
        else value
        for field, value in facts.items()
    }


async def _require_in_scope(
    work: Work, caller: Caller, capability: Capability, now: datetime, ownership_id: UUID
) -> None:
    scope = await scope_of(work, caller, capability, now)
    if not await ownerships.is_in_scope(work, scope, ownership_id):
        raise NotFound()


def _check_dates(dates: Mapping[str, date | None], now: datetime) -> None:
    if faults := date_faults(dates, today=local_date(now)):
        raise Invalid("dates_wrong", faults=faults)


def _checked_buyers(buyers: Sequence[Buyer]) -> list[Person]:
    people: list[Person] = []
    faults: list[Fault] = []
    for index, buyer in enumerate(buyers):
        field = f"buyer.{index}.phone"
        try:
            phone = read_phone(buyer.phone)
        except PhoneInvalid:
            faults.append(Fault(field, "phone_invalid", {}))
            continue
        if any(phone == other.phone for other in people):
            faults.append(Fault(field, "buyer_twice", {}))
        people.append(Person(name=buyer.name, phone=phone, identity=None))
    if faults:
        raise Invalid("buyers_wrong", faults=tuple(faults))
    return people


async def _flush(work: Work) -> None:
    try:
        await work.flush()
    except IntegrityError as error:
        if "uq_ownership_contract_no" in str(error.orig):
            raise Conflict("contract_no_taken", field="contract_no") from None
        raise

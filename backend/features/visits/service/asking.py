"""A visit that an employee plans by hand: kinds the method gives no time for, and whatever else is wanted."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid
from backend.db.work import Work
from backend.features.people.service import scope_of
from backend.features.standard.service import standard_for
from backend.features.visits.repository import asking as repository
from backend.features.visits.rules.kinds import Kind
from backend.features.visits.service.planning import Planned, plan
from backend.platform.outbox import Waker


@dataclass(frozen=True, slots=True)
class Asked:
    """A visit of a home by itself. `due_at` None: the method gives no time, and nobody named one (GP-23, GP-24)."""

    kind: Kind
    ownership_id: UUID
    due_at: datetime | None


async def ask_for(work: Work, waker: Waker, caller: Caller, now: datetime, asked: Asked) -> UUID:
    """Plan a visit of a home. One of its kind that is still to be made there is moved to this time.

    Raises:
        NotAllowed: `not_in_your_role`.
        Invalid: `home_unknown`, `only_by_its_case`: of a repair and a complaint the visit arises by itself;
        `time_is_past`.
    """
    scope = await scope_of(work, caller, "make_visits", now)
    if asked.kind in {"repair", "complaint"}:
        raise Invalid("only_by_its_case", field="kind")
    if asked.due_at is not None and asked.due_at <= now:
        raise Invalid("time_is_past", field="due_at")
    home = await repository.home_in_scope(work, asked.ownership_id, scope)
    if home is None:
        raise Invalid("home_unknown", field="ownership_id")
    version = home.standard_version_id
    if version is None:
        try:
            version = (await standard_for(work, home.project_id, local_date(now))).version_id
        except Conflict:
            version = None
    # What the journey owes already is that visit, and no second one.
    owed = await repository.owed(work, asked.ownership_id, asked.kind)
    return await plan(
        work,
        waker,
        now,
        Planned(
            asked.kind,
            "home" if owed is None else "milestone",
            asked.ownership_id if owed is None else owed.subject_id,
            home.building_id,
            asked.ownership_id,
            asked.due_at if owed is None else owed.due_at,
            contact_id=home.contact_id,
            standard_version_id=version,
            planned_by=caller.account_id,
        ),
    )

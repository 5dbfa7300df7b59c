"""What it takes to say that an obligation is done: the evidence it asks for, and a believable time."""

from collections.abc import Collection
from datetime import date, datetime

from backend.core.errors import Fault
from backend.features.standard.document import Obligation


def done_faults(
    obligation: Obligation,
    given: Collection[str],
    *,
    calls_that_reached: int,
    called_at: Collection[datetime],
    noted: bool,
    now: datetime,
) -> tuple[Fault, ...]:
    """What is missing of the evidence that an obligation asks for.

    A call is evidence when it reached the owner: a person records it, with who, when and whether (HC-11). Codes:
    `call_missing`, `photo_missing` and so on for each kind, `call_not_reached`, `done_in_future`.
    """
    faults = []
    for kind in obligation.evidence:
        if kind == "note" and noted:
            continue
        if kind not in given:
            faults.append(Fault("evidence", f"{kind}_missing", {}))
        elif kind == "call" and not calls_that_reached:
            faults.append(Fault("evidence", "call_not_reached", {}))
    if any(moment > now for moment in called_at):
        faults.append(Fault("evidence", "done_in_future", {}))
    return tuple(faults)


def done_at_fault(
    done_at: datetime, late_reason: str | None, *, now: datetime, today: date, day: date, since: date | None
) -> Fault | None:
    """What is wrong with the time somebody gives. `day` is its local day, `since` the journey's first date.

    What was done on an earlier day is a late entry, which needs its reason (RC-20, CT-45). Codes: `done_in_future`,
    `done_before_journey`, `late_reason_required`.
    """
    if done_at > now:
        return Fault("done_at", "done_in_future", {})
    if since is not None and day < since:
        return Fault("done_at", "done_before_journey", {"since": since.isoformat()})
    if day < today and late_reason is None:
        return Fault("late_reason", "late_reason_required", {})
    return None

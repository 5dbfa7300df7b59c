"""The door of rosters: who is on duty, shifts of positions, and overrides."""

from backend.features.roster.repository.overrides import Filter
from backend.features.roster.rules import Duty, Ground, Passed, Shift
from backend.features.roster.service.duty import (
    OnDuty,
    Roster,
    duties_at,
    on_duty,
    on_duty_at,
    roster_seen,
    shift_of,
    shifts_of,
)
from backend.features.roster.service.overrides import (
    OverrideEntered,
    end_override,
    enter_override,
    overrides_page,
)
from backend.features.roster.service.shifts import Plan, plan_of, plan_to_set, set_shifts

__all__ = [
    "Duty",
    "Filter",
    "Ground",
    "OnDuty",
    "OverrideEntered",
    "Passed",
    "Plan",
    "Roster",
    "Shift",
    "duties_at",
    "end_override",
    "enter_override",
    "on_duty",
    "on_duty_at",
    "overrides_page",
    "plan_of",
    "plan_to_set",
    "roster_seen",
    "set_shifts",
    "shift_of",
    "shifts_of",
]

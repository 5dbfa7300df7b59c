"""The domain of rosters, pure: shifts, overrides, and who is on duty.

- A shift opens on weekdays, local time, and may close on the next day; it belongs to the day it opens on. It knows no
  holidays: the hotline is answered round the clock (HC-01), and who is off on National Day is absent by an override.
- A position is on duty by the shifts that are valid on the day. On a day without any valid shift it is on duty around
  the clock: until somebody sets hours, a promise of 24 hours (HC-01) has to find whoever holds the role.
- An override is stronger than shifts: its position is absent, and somebody may stand in for what the shifts would have
  been; or it has extra duty.
- Who is on duty for a node holds the role at the nearest node, going up, at which anybody is on duty: after hours a
  site's calls go to whoever keeps the night (CT-39, FM-60).
"""

from backend.features.roster.rules.duty import (
    LOOKS_AHEAD,
    Duty,
    Passed,
    changes_at,
    duties,
    on_duty,
    on_duty_until,
    passed_over,
)
from backend.features.roster.rules.shifts import Ground, Kind, Override, Post, Shift, overlapping
from backend.features.roster.rules.standing_in import held_between, stand_in_fault

__all__ = [
    "LOOKS_AHEAD",
    "Duty",
    "Ground",
    "Kind",
    "Override",
    "Passed",
    "Post",
    "Shift",
    "changes_at",
    "duties",
    "held_between",
    "on_duty",
    "on_duty_until",
    "overlapping",
    "passed_over",
    "stand_in_fault",
]

"""The roster of the demo's hotline: one agent at any hour, a second one by day."""

from datetime import datetime

from backend.db.work import Work
from backend.features.people.service import positions_of, staff_by_number
from backend.features.roster.models import RosterPlan
from backend.features.roster.repository import plans
from backend.features.roster.rules import Shift

_EVERY_DAY = frozenset(range(1, 8))
_HOURS = {
    # Whoever tries the demo at night finds somebody on duty too, and one they can sign in as.
    "T0002": Shift(_EVERY_DAY, 0, 24 * 60),
    "T0007": Shift(_EVERY_DAY, 8 * 60, 20 * 60),
}


async def set_roster(work: Work, now: datetime) -> None:
    """Give the demo's hotline agents their shifts, once."""
    for number, shift in _HOURS.items():
        agent = await staff_by_number(work, number)
        held = [] if agent is None else await positions_of(work, agent.id, now)
        for position, _ in held:
            if position.role == "hotline_agent" and await plans.newest_plan(work, position.id) is None:
                plan = RosterPlan(position_id=position.id, number=1, reason="演示 demo", set_at=now)
                await plans.write_plan(work, plan, [shift])

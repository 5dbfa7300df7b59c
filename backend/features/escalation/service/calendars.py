"""Calendars of nodes, each looked up once a unit of work."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from backend.db.work import Work
from backend.features.escalation.rules import Count, Rule
from backend.platform.calendar import Calendar, calendars_of, due, read_rule
from backend.platform.clocks import counts_working

_PLAIN = Calendar()


class Calendars:
    """Counts rules for chains, each only once: many go on in one instant, at one place, for one while.

    What does not go by working time is the same everywhere, and needs no look.
    """

    def __init__(self, found: dict[UUID, Calendar]) -> None:
        self._found = found
        self._counted: dict[tuple[UUID | None, datetime, str, float], datetime] = {}

    @classmethod
    async def of(cls, work: Work, nodes: Collection[UUID]) -> "Calendars":
        """Those of these nodes."""
        return cls(await calendars_of(work, nodes))

    def at(self, node_id: UUID) -> Calendar:
        """The calendar of a node."""
        return self._found[node_id]

    def count(self, node_id: UUID) -> Count:
        """How a chain at a node counts its waits."""

        def count(start: datetime, rule: Rule) -> datetime:
            at = node_id if counts_working(rule) else None
            asked = (at, start, rule["kind"], rule["value"])
            if asked not in self._counted:
                calendar = _PLAIN if at is None else self._found[at]
                self._counted[asked] = due(calendar, start, read_rule(dict(rule))).moment
            return self._counted[asked]

        return count

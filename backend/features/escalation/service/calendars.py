"""Calendars of nodes, each looked up once a unit of work."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from backend.db.work import Work
from backend.features.escalation.rules import Count, Rule, counts_working_time
from backend.platform.calendar import Calendar, calendar_of, due, read_rule

_PLAIN = Calendar()


class Calendars:
    """Counts rules for chains. What does not go by working time is the same everywhere, and needs no look."""

    def __init__(self, found: dict[UUID, Calendar]) -> None:
        self._found = found

    @classmethod
    async def of(cls, work: Work, nodes: Collection[UUID]) -> "Calendars":
        """Those of these nodes."""
        return cls({node: await calendar_of(work, node) for node in sorted(set(nodes))})

    def at(self, node_id: UUID) -> Calendar:
        """The calendar of a node."""
        return self._found[node_id]

    def count(self, node_id: UUID) -> Count:
        """How a chain at a node counts its waits."""

        def count(start: datetime, rule: Rule) -> datetime:
            calendar = self._found[node_id] if counts_working_time(rule) else _PLAIN
            return due(calendar, start, read_rule(dict(rule))).moment

        return count

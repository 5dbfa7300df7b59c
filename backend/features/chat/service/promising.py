"""What the standard promises of a conversation. What it leaves open is promised to nobody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.core.clock import local_date
from backend.core.errors import Conflict
from backend.db.work import Work
from backend.features.standard.service import Clock, Due, Standard, standard_for
from backend.platform.calendar import (
    Calendar,
    calendar_of,
    due,
    is_working,
    read_rule,
)
from backend.platform.clocks import marks_of

FIRST_ANSWER: Final = "chat-first-reply"
SILENCE: Final = "chat-silence"
REOPEN: Final = "chat-reopen"
"""Settings of a standard (CT general rule: not set until a company sets them)."""

FIRST_CONTACT: Final = "C2"
"""The clock of first contact."""

_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Contact:
    """By when an owner is first contacted (C2): how that is counted, and since when it is in danger."""

    due_at: datetime
    rule: dict[str, Any]
    in_danger_at: datetime


class Promises:
    """The limits of one project's standard on a day, counted by its calendar."""

    def __init__(self, standard: Standard | None, calendar: Calendar) -> None:
        self._standard, self._calendar = standard, calendar

    def first_answer(self, at: datetime, *, somebody_on_duty: bool) -> datetime | None:
        """By when what is opened at `at` is first answered; None: not set.

        Where nobody is on duty and the standard sets no limit, that of first contact holds (C2: HC-12, HC-13, CT-39):
        whoever is told then contacts the owner.
        """
        setting = self._setting(FIRST_ANSWER)
        if setting is not None:
            return self._after(at, setting)
        return None if somebody_on_duty else self._first_contact(at)

    def silent_since(self, since: datetime, now: datetime) -> bool:
        """Whether an owner who has waited since then has waited too long by now (HC-36); while not set, never."""
        setting = self._setting(SILENCE)
        return setting is not None and self._after(since, setting) <= now

    def may_reopen(self, closed_at: datetime, now: datetime) -> bool:
        """Whether an owner's line still reopens what was closed then; always while that is not set."""
        setting = self._setting(REOPEN)
        return setting is None or now <= self._after(closed_at, setting)

    def _setting(self, code: str) -> Due | None:
        settings = () if self._standard is None else self._standard.settings
        return next((one.due for one in settings if one.code == code), None)

    def contact(self, at: datetime) -> Contact | None:
        """The promise of first contact to whom nobody is there for at `at`, with its last warning; None: not set."""
        limit, due_at = self._contact_limit(at), self._first_contact(at)
        if limit is None or due_at is None:
            return None
        clock = self._clock()
        rule, shares = limit.model_dump(), () if clock is None else clock.warn_at
        return Contact(due_at, rule, max(marks_of(self._calendar, rule, at, due_at, shares), default=due_at))

    def _first_contact(self, at: datetime) -> datetime | None:
        limit = self._contact_limit(at)
        return None if limit is None else self._after(at, limit)

    def _contact_limit(self, at: datetime) -> Due | None:
        clock = self._clock()
        if clock is None or clock.due is None:
            return None
        return clock.limit(working=is_working(self._calendar, at))

    def _clock(self) -> Clock | None:
        clocks = () if self._standard is None else self._standard.clocks
        return next((one for one in clocks if one.code == FIRST_CONTACT), None)

    def _after(self, at: datetime, limit: Due) -> datetime:
        if limit.kind == "elapsed_minutes":
            return at + timedelta(minutes=limit.value)
        if limit.kind == "calendar_years":
            rule = read_rule({"kind": "calendar_months", "value": _MONTHS * limit.value})
        else:
            rule = read_rule({"kind": limit.kind, "value": limit.value})
        return due(self._calendar, at, rule).moment


async def promises_of(work: Work, project_id: UUID, now: datetime) -> Promises:
    """Those of a project today. A project whose standard is not yet in effect promises nothing."""
    calendar = await calendar_of(work, project_id)
    try:
        standard = (await standard_for(work, project_id, local_date(now))).document
    except Conflict:
        standard = None
    return Promises(standard, calendar)


async def chain_of(work: Work, project_id: UUID, now: datetime) -> list[str]:
    """The roles of the hotline's chain in order, as the project's standard has them (HC-03, HC-04, RO-05)."""
    try:
        standard = (await standard_for(work, project_id, local_date(now))).document
    except Conflict:
        return []
    return [
        step.role
        for chain in standard.chains
        if chain.code == "hotline"
        for step in chain.steps
        if step.role is not None
    ]

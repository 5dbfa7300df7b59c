"""Writing what changed of many journeys: each table by one statement, each line with its state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.journey.repository import journeys, tasks
from backend.features.journey.rules.laying import Book
from backend.features.journey.rules.revising import Change
from backend.features.journey.rules.standing import OPEN
from backend.features.journey.service.news import News, NewsKind, tell_owners, tell_staff
from backend.features.notices.service import Value
from backend.features.people.service import Holder, nearest_holders
from backend.features.standard.document import Obligation
from backend.platform.outbox import Waker, enqueue
from backend.platform.threads import Audience, NewEntry, append_many
from backend.platform.timers import NewTimer, cancel, schedule_many

MILESTONE: Final = "milestone"
"""The kind of timer at which a milestone turns by itself; its key is the milestone's id."""

STEP: Final = "journey_step"
"""The kind of timer at which a journey enters a step by itself; its key is the journey's id."""

TALKS_TURNED: Final = "talks_turned"
"""The job that is told of milestones with a script or a checklist whose tasks have come, moved or gone.

What is talked about or checked at a home is made by the visits, which follow.
"""


@dataclass(frozen=True, slots=True)
class Where:
    """What of a journey its milestones need: the project, the node its tasks are for, its thread, its book."""

    journey_id: UUID
    project_id: UUID
    node_id: UUID
    thread_id: UUID
    book: Book


@dataclass(slots=True)
class Writer:
    """Gathers what is to be written of any number of journeys, and writes it.

    `told`: whether each task and each turn gets a line of its own. A journey that is laid out gets one line for all.
    """

    now: datetime
    told: bool
    entries: list[NewEntry] = field(default_factory=list)
    _added: list[dict[str, Any]] = field(default_factory=list)
    _changed: list[dict[str, Any]] = field(default_factory=list)
    _opened: list[tuple[UUID, Where, Change]] = field(default_factory=list)
    _overdue: list[tuple[UUID, Where, Change]] = field(default_factory=list)
    _moved: dict[UUID, datetime] = field(default_factory=dict)
    _void: list[UUID] = field(default_factory=list)
    _timers: list[NewTimer] = field(default_factory=list)
    _cancelled: list[str] = field(default_factory=list)
    _news: list[News] = field(default_factory=list)
    _talks: set[UUID] = field(default_factory=set)

    def write(self, where: Where, changes: Sequence[Change]) -> None:
        """Have these changes of one journey written."""
        for change in changes:
            milestone_id = change.row.id if change.row is not None else new_id()
            (self._added if change.row is None else self._changed).append(
                self._promise(milestone_id, where, change)
            )
            self._task(milestone_id, where, change)
            if change.settled.turns_at is not None:
                self.timer(MILESTONE, milestone_id, change.settled.turns_at)
            elif change.row is not None:
                self._cancelled.append(str(milestone_id))
            if self.told:
                self._tell(milestone_id, where, change)

    def timer(self, kind: str, key: UUID, at: datetime) -> None:
        """Set a timer."""
        self._timers.append(NewTimer(kind, str(key), at, {}))

    def cancel(self, milestone_id: UUID) -> None:
        """Call the timer of a milestone off."""
        self._cancelled.append(str(milestone_id))

    def talk(self, milestone_id: UUID, obligation: Obligation) -> None:
        """A milestone has turned: whoever makes visits hears of it, where it is a talk or a check at a home."""
        if obligation.of == "ownership" and (obligation.script or obligation.checklist):
            self._talks.add(milestone_id)

    async def flush(self, work: Work, waker: Waker) -> None:
        """Write it all: a statement a table."""
        await journeys.add_milestones(work, self._added)
        await journeys.set_milestones(work, self._changed)
        wanted = {(where.node_id, role) for _, where, change in self._opened if (role := _role(change))}
        holders = await nearest_holders(work, wanted, self.now) if wanted else {}
        await tasks.open_tasks(work, [self._opening(one, holders) for one in self._opened])
        await tasks.move_tasks(work, self._moved)
        await tasks.void_tasks(work, self._void)
        await schedule_many(work, waker, self._timers)
        if self._cancelled:
            await cancel(work, MILESTONE, self._cancelled)
        await append_many(work, self.entries)
        if self.told:
            await tell_owners(work, self._news)
        if self._talks:
            told = sorted(str(one) for one in self._talks)
            await enqueue(work, waker, TALKS_TURNED, {"milestone_ids": told})
        await tell_staff(work, self.now, "task_opened", _duties(self._opened))
        await tell_staff(work, self.now, "task_late", _duties(self._overdue))

    def tell_of(
        self, journey_id: UUID, thread_id: UUID, kind: NewsKind, key: str, data: Mapping[str, Value]
    ) -> None:
        """Have the owners of a journey told; of a whole project's, all its owners."""
        self._news.append(News(journey_id, thread_id, kind, f"{kind}:{journey_id}:{key}", data))

    def _promise(self, milestone_id: UUID, where: Where, change: Change) -> dict[str, Any]:
        planned, settled = change.planned, change.settled
        kept = settled.kept
        return {
            "id": milestone_id,
            "journey_id": where.journey_id,
            "project_id": where.project_id,
            "obligation": planned.place.obligation,
            "occurrence": planned.place.occurrence,
            "step": change.obligation.step,
            "rank": where.book.ranks[planned.place.obligation],
            "owner_sees": change.obligation.owner_sees,
            "state": settled.state,
            "opens_at": planned.opens_at,
            "due_on": planned.due_on,
            "due_at": planned.due_at,
            "ends_at": planned.ends_at,
            "first_due_on": kept.first_due_on,
            "promised_at": kept.promised_at,
            "provisional": planned.provisional,
            "done_at": kept.done_at,
            "recorded_at": self._recorded_at(change),
        }

    def _recorded_at(self, change: Change) -> datetime | None:
        done_at = change.settled.kept.done_at
        if done_at is None:
            return None
        if change.row is not None and change.row.kept.done_at == done_at:
            return change.row.recorded_at
        return max(self.now, done_at)

    def _task(self, milestone_id: UUID, where: Where, change: Change) -> None:
        if change.obligation.responsible is None:
            return
        if change.opens or change.closes or change.settled.state in OPEN:
            self.talk(milestone_id, change.obligation)
        if change.opens:
            self._opened.append((milestone_id, where, change))
        elif change.closes:
            self._void.append(milestone_id)
        elif change.settled.state in OPEN and change.planned.due_at is not None:
            self._moved[milestone_id] = change.planned.due_at

    def _opening(
        self, opened: tuple[UUID, Where, Change], holders: dict[tuple[UUID, str], Holder]
    ) -> dict[str, Any]:
        milestone_id, where, change = opened
        role = _role(change)
        holder = holders[where.node_id, role]
        if self.told:
            self.entries.append(
                _entry(
                    where,
                    "task_opened",
                    change,
                    "staff",
                    role=role,
                    held_at=str(holder.node_id) if holder.node_id else None,
                    vacant_passed=[str(one) for one in holder.vacant],
                )
            )
        return {
            "id": new_id(),
            "milestone_id": milestone_id,
            "project_id": where.project_id,
            "node_id": where.node_id,
            "role": role,
            "held_at": holder.node_id,
            "vacant_passed": "{" + ",".join(str(one) for one in holder.vacant) + "}",
            "opened_at": self.now,
            "due_at": change.planned.due_at,
        }

    def _tell(self, milestone_id: UUID, where: Where, change: Change) -> None:
        """What turned by itself, in the line of its own that it gets. Whoever has the duty hears that it is late."""
        state = change.settled.state
        if change.row is not None and change.row.state == state:
            return
        if state == "late" and change.obligation.responsible is not None and not change.opens:
            self._overdue.append((milestone_id, where, change))
        if state == "due" and not change.obligation.owner_sees:
            return
        if state in {"due", "late", "missed"}:
            audience: Audience = "all" if change.obligation.owner_sees else "staff"
            self.entries.append(_entry(where, f"milestone_{state}", change, audience))
            if audience == "all" and state != "missed":
                self._promise_news(where, change, "promise_due" if state == "due" else "promise_late")

    def _promise_news(self, where: Where, change: Change, kind: NewsKind) -> None:
        place, due = change.planned.place, change.planned.due_on
        if (
            kind == "promise_due"
            and change.obligation.of == "project"
            and change.obligation.every is not None
        ):
            # What comes round every month for everybody is told by being done, and when it is not.
            return
        data: dict[str, Value] = {"promise": change.obligation.name.model_dump(by_alias=True)}
        if kind == "promise_due":
            data["due"] = _day(due) or ""
        key = f"{place.obligation}:{_day(place.occurrence)}:{_day(due)}"
        self.tell_of(where.journey_id, where.thread_id, kind, key, data)


def _duties(some: Sequence[tuple[UUID, Where, Change]]) -> list[tuple[UUID, UUID, str]]:
    return [(milestone_id, where.node_id, _role(change)) for milestone_id, where, change in some]


def _role(change: Change) -> str:
    assert change.obligation.responsible is not None
    return change.obligation.responsible


def _entry(where: Where, kind: str, change: Change, audience: Audience, **more: Any) -> NewEntry:
    return NewEntry(where.thread_id, kind, {**told(change), **more}, None, audience)


def told(change: Change) -> dict[str, Any]:
    """A milestone as a line names it: the obligation's code, its period, its day and the first promise."""
    occurrence, first = change.planned.place.occurrence, change.settled.kept.first_due_on
    return {
        "obligation": change.planned.place.obligation,
        "occurrence": _day(occurrence),
        "due_on": _day(change.planned.due_on),
        "first_due_on": _day(first),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None

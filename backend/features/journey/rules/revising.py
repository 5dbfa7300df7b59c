"""From what is on record to what should be: a journey's milestones after its dates, its acts or the time changed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from backend.features.journey.rules.laying import Book, Place, Planned, lay_out
from backend.features.journey.rules.reckoning import Reckoner, first_known
from backend.features.journey.rules.standing import OPEN, Kept, Settled, State, settle
from backend.features.standard.document import Obligation


@dataclass(frozen=True, slots=True)
class Row:
    """A milestone on record. `by_itself`: it is done because a limit that nobody owes has run out.

    `recorded_at` is when somebody wrote that it is done.
    """

    id: UUID
    planned: Planned
    state: State
    kept: Kept
    by_itself: bool = False
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A milestone that is to be written: new, with another promise, or in another state."""

    row: Row | None
    obligation: Obligation
    planned: Planned
    settled: Settled

    @property
    def opens(self) -> bool:
        """Whether somebody gets a task by it."""
        return self.settled.state in OPEN and (self.row is None or self.row.state not in OPEN)

    @property
    def closes(self) -> bool:
        """Whether an open task has nothing left to be done."""
        return self.row is not None and self.row.state in OPEN and self.settled.state not in OPEN

    @property
    def moved(self) -> bool:
        """Whether a promise that was given is now for another day, or for none."""
        before = self.row.planned.due_on if self.row is not None else None
        return before is not None and before != self.planned.due_on and self.settled.state != "done"


def acts(rows: Iterable[Row]) -> dict[str, datetime]:
    """When each obligation was done; of one that recurs, the last time."""
    done: dict[str, datetime] = {}
    for row in rows:
        if row.kept.done_at is not None:
            code = row.planned.place.obligation
            done[code] = max(row.kept.done_at, done.get(code, row.kept.done_at))
    return done


def revise(
    book: Book,
    rows: Mapping[Place, Row],
    dates: Mapping[str, date],
    reckoner: Reckoner,
    *,
    now: datetime,
    laid_from: Mapping[str, date] | None = None,
    ended_at: datetime | None = None,
) -> list[Change]:
    """What differs from what is on record, in the standard's order. A journey that has ended ends all of it.

    A promise in working time whose date is that of `laid_from` stays as it was counted: a new calendar moves none of
    those by itself.
    A milestone of an obligation that the standard no longer has stays as it is; no version takes one away.
    """
    done = acts(rows.values())
    planned = lay_out(book, dates, done, reckoner, today=reckoner.day_of(now), present=rows.keys())
    changes = []
    for laid in planned:
        obligation, row = book.obligations[laid.place.obligation], rows.get(laid.place)
        if row is not None and row.state == "done" and not row.by_itself:
            # What was promised then was kept or not then: no later date rewrites it.
            continue
        stands = row is not None and laid_from is not None and _stands(obligation, row, laid_from, dates)
        one = _as_promised(laid, row) if row is not None and stands else laid
        if row is None and (ended_at is not None or not one.applies):
            continue
        change = change_of(row, obligation, one if ended_at is None else _ended(one, ended_at), now)
        if change is not None:
            changes.append(change)
    return changes


def change_of(row: Row | None, obligation: Obligation, planned: Planned, now: datetime) -> Change | None:
    """What is to be written of one milestone, if anything."""
    kept = row.kept if row is not None else Kept()
    if row is not None and row.by_itself:
        kept = Kept(kept.first_due_on, kept.promised_at)
    settled = settle(planned, obligation, kept, now)
    # Whether a period applies is on record as its state only.
    told = (replace(planned, applies=True), settled.state, settled.kept)
    if row is not None and (row.planned, row.state, row.kept) == told:
        return None
    return Change(row, obligation, planned, settled)


def first_laid(obligation: Obligation, planned: Planned, promised_at: datetime, now: datetime) -> Change:
    """What is to be written of a milestone that there was none of, promised at a moment that may have passed."""
    return Change(
        None, obligation, planned, settle(planned, obligation, Kept(planned.due_on, promised_at), now)
    )


def counts_working_time(obligation: Obligation) -> bool:
    """Whether its day depends on hours, holidays and overrides."""
    return obligation.due is not None and obligation.due.kind in {"working_hours", "working_days"}


def _stands(
    obligation: Obligation, row: Row, laid_from: Mapping[str, date], dates: Mapping[str, date]
) -> bool:
    since = first_known(obligation.from_, laid_from)
    return (
        counts_working_time(obligation)
        and row.planned.due_on is not None
        and since == first_known(obligation.from_, dates)
    )


def _as_promised(planned: Planned, row: Row) -> Planned:
    was = row.planned
    return replace(
        planned, opens_at=was.opens_at, due_on=was.due_on, due_at=was.due_at, provisional=was.provisional
    )


def _ended(planned: Planned, ended_at: datetime) -> Planned:
    return replace(planned, ends_at=min(planned.ends_at or ended_at, ended_at))


def moved_promises(changes: Iterable[Change]) -> Iterator[Change]:
    """Those whose day has moved and which the owner is shown."""
    return (change for change in changes if change.moved and change.obligation.owner_sees)

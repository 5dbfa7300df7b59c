"""Laying a journey out: from a standard, the dates and what was done to every obligation with its promise.

Nothing here knows how a milestone stands now: the same standard, dates and acts always give the same promises, so
laying out twice changes nothing, and a date moved away and back leaves everything as it was.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, NamedTuple, get_args

from backend.features.journey.rules.periods import first_day, last_day, whole_periods
from backend.features.journey.rules.reckoning import Reckoned, Reckoner, begins_at, first_known, moment_of
from backend.features.standard.document import Obligation, OwnershipDate, ProjectDate, Standard

Of = Literal["ownership", "project"]

_ONLY_OF_PROJECTS: Final = frozenset(get_args(ProjectDate)) - frozenset(get_args(OwnershipDate))

_LOOKS_BACK: Final = {
    "day": timedelta(days=60),
    "month": timedelta(days=5 * 366),
    "quarter": timedelta(days=5 * 366),
}
"""How far before the laying the periods of a recurring obligation are put on record."""


class Place(NamedTuple):
    """What tells the milestones of a journey apart: the obligation, and the period it is owed for when it recurs."""

    obligation: str
    occurrence: date | None


@dataclass(frozen=True, slots=True)
class Planned:
    """An obligation with its promise: see `Milestone`. `applies` is False for a period outside of its dates."""

    place: Place
    opens_at: datetime | None = None
    due_on: date | None = None
    due_at: datetime | None = None
    ends_at: datetime | None = None
    provisional: bool = False
    applies: bool = True


@dataclass(frozen=True, slots=True)
class Book:
    """A standard as journeys read it: the obligations that have a limit, each with its place in the order, by code.

    `awaited` are those that something else waits for to be done: a step to begin, another obligation to be pointless.

    Those whose value the method leaves open have no promise to give: they stand among what is not set (GP-..), and
    nothing is owed by a day that nobody named.
    """

    standard: Standard
    of: Of
    obligations: Mapping[str, Obligation]
    ranks: Mapping[str, int]
    awaited: frozenset[str]


def book_of(standard: Standard, of: Of) -> Book:
    """What a standard says of each ownership, or of each project as a whole."""
    obligations = {one.code: one for one in standard.obligations if one.of == of and one.not_set is None}
    ranks = {one.code: rank for rank, one in enumerate(standard.obligations)}
    moments = [begin for step in standard.steps for begin in step.begins]
    moments += [one.ends for one in standard.obligations if one.ends is not None]
    awaited = frozenset(moment.done for moment in moments if moment.done is not None)
    return Book(standard, of, obligations, ranks, awaited)


def uses_project_dates(standard: Standard) -> bool:
    """Whether anything that is laid out for each ownership hangs on a date of its project."""
    moments = [begin for step in standard.steps if not step.of_project for begin in step.begins]
    anchors: set[str | None] = set()
    for one in standard.obligations:
        if one.of == "ownership":
            anchors |= {*one.from_, one.until}
            moments += [one.ends] if one.ends is not None else []
    for moment in moments:
        anchors |= set(moment.date or ())
    return bool(anchors & _ONLY_OF_PROJECTS)


def derived_dates(
    standard: Standard,
    dates: Mapping[str, date | None],
    reckoner: Reckoner,
    of_home: Mapping[str, date | None] | None = None,
) -> dict[str, date]:
    """The dates that are known, with the end of the warranty where it follows from them (CT-14, TM-14, WR-02).

    A warranty of three years from 28 June 2024 ends on 28 June 2027. It is the home's: where an earlier contract had
    the date it starts from (`of_home`), a resale begins none anew.
    """
    known = {name: day for name, day in dates.items() if day is not None}
    warranty = standard.warranty
    if warranty is None:
        return known
    start = (of_home or {}).get(warranty.from_) or known.get(warranty.from_)
    if start is not None:
        years = warranty.base_years + warranty.extension_years
        if (day := reckoner.years_after(start, years)) is not None:
            known["warranty_ends_on"] = day
    return known


def lay_out(
    book: Book,
    dates: Mapping[str, date],
    done: Mapping[str, datetime],
    reckoner: Reckoner,
    *,
    today: date,
    present: Collection[Place] = (),
) -> list[Planned]:
    """Every obligation of the book with its promise, in the standard's order.

    Of what recurs: the periods up to today's and the one after it. `present` are the milestones there are already: each
    of them is in the answer, whatever its dates say now, so that nothing is ever lost.
    """
    wanted: dict[Place, None] = {}
    for obligation in book.obligations.values():
        for occurrence in _occurrences(obligation, dates, done, reckoner, today):
            wanted[Place(obligation.code, occurrence)] = None
    for place in present:
        if place.obligation in book.obligations:
            wanted[place] = None
    return [plan(book.obligations[place.obligation], place, dates, done, reckoner) for place in wanted]


def plan(
    obligation: Obligation,
    place: Place,
    dates: Mapping[str, date],
    done: Mapping[str, datetime],
    reckoner: Reckoner,
) -> Planned:
    """One obligation with its promise."""
    ends_at = moment_of(obligation.ends, dates, done, reckoner) if obligation.ends is not None else None
    since = _since(obligation, dates)
    if place.occurrence is not None:
        until = _until(obligation, dates, done, reckoner)
        return _plan_period(obligation, place, since, until, ends_at, reckoner)
    assert obligation.due is not None
    reckoned = reckoner.count(since, obligation.due) if since is not None else None
    if since is None or reckoned is None:
        return Planned(place, ends_at=ends_at)
    return Planned(
        place,
        opens_at=_opens_at(obligation, since, reckoned, reckoner),
        due_on=reckoned.day,
        due_at=reckoned.ends_at,
        ends_at=ends_at,
        provisional=reckoned.provisional,
    )


def _plan_period(
    obligation: Obligation,
    place: Place,
    since: date | None,
    until: date | None,
    ends_at: datetime | None,
    reckoner: Reckoner,
) -> Planned:
    """A period is owed when it begins between the two dates; the last one at the latest by the day that ends it all."""
    assert obligation.every is not None
    assert place.occurrence is not None
    first = place.occurrence
    last = last_day(obligation.every, first)
    by = min(last, until) if until is not None and until > first else last
    opens_at = begins_at(reckoner, first, obligation.opens) or reckoner.start_of(first)
    due_at = reckoner.end_of(by)
    return Planned(
        place,
        opens_at=due_at if obligation.by_itself else min(opens_at, due_at),
        due_on=by,
        due_at=due_at,
        ends_at=ends_at,
        applies=since is not None and first >= since and (until is None or first < until),
    )


def _occurrences(
    obligation: Obligation,
    dates: Mapping[str, date],
    done: Mapping[str, datetime],
    reckoner: Reckoner,
    today: date,
) -> Sequence[date | None]:
    if obligation.every is None:
        return [None]
    since = _since(obligation, dates)
    if since is None:
        return []
    since = max(since, today - _LOOKS_BACK[obligation.every])
    until = _until(obligation, dates, done, reckoner)
    return list(whole_periods(obligation.every, since, until, ahead_of=first_day(obligation.every, today)))


def _since(obligation: Obligation, dates: Mapping[str, date]) -> date | None:
    return first_known(obligation.from_, dates)


def _until(
    obligation: Obligation, dates: Mapping[str, date], done: Mapping[str, datetime], reckoner: Reckoner
) -> date | None:
    """The first day on which no further period begins: that of `until`, or that on which `ends` makes it pointless."""
    until = dates.get(obligation.until) if obligation.until is not None else None
    ends_at = moment_of(obligation.ends, dates, done, reckoner) if obligation.ends is not None else None
    if ends_at is None:
        return until
    ended_on = reckoner.day_of(ends_at)
    return min(until, ended_on) if until is not None else ended_on


def _opens_at(obligation: Obligation, since: date, reckoned: Reckoned, reckoner: Reckoner) -> datetime:
    """At `opens`; without it at once for a limit that runs forward, else with the due day.

    What the product does by itself comes to a person when the day is over and it has not.
    """
    assert obligation.due is not None
    if obligation.by_itself:
        return reckoned.ends_at
    if obligation.opens is not None:
        opens_at = begins_at(reckoner, since, obligation.opens)
    elif obligation.due.value > 0:
        opens_at = reckoner.start_of(since)
    else:
        opens_at = None
    return min(opens_at or reckoner.start_of(reckoned.day), reckoned.ends_at)

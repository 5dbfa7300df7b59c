"""The domain of the warranty, pure: how long each component is covered, whether it is on a day, when owners are told.

All days are local calendar days. A term that ends on a day covers that day.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from backend.features.standard.document import Warranty, WarrantyItem

StartDate = Literal["delivered_on", "keys_on", "moved_in_on"]
START_DATES: Final[tuple[StartDate, ...]] = ("delivered_on", "keys_on", "moved_in_on")
"""The days a term can begin on (CT-41): delivery, handover of the keys, moving in."""

State = Literal["covered", "not_covered", "not_set", "not_started"]
STATES: Final[tuple[State, ...]] = ("covered", "not_covered", "not_set", "not_started")

Why = Literal[
    "base", "extension", "statutory", "ended", "start_not_known", "not_begun", "no_term", "not_in_catalogue"
]

NoticeKind = Literal["ending", "ended"]
NOTICE_KINDS: Final[tuple[NoticeKind, ...]] = ("ending", "ended")

MONTHS_AHEAD: Final = 2
"""How long before the end owners are told to look for defects (WR-14, TM-15): in calendar months."""


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of a month that is shorter: 31 December less two is 31 October."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Statutory:
    """The least that the law of a place asks for one component (CT-15): entered by a person, with its source.

    `name` is in the words of who entered it: the catalogue may not know the component at all (roof, structure).
    """

    component: str
    name: str
    years: int


@dataclass(frozen=True, slots=True)
class Term:
    """How long one component of a home is covered: base, extension and the law's least apart (CT-14, CT-15).

    `name` is only of a component that the catalogue does not know. `ends_on` is the latest of the ends there are: the
    law's least holds whatever the catalogue says.
    """

    component: str
    rank: int
    starts_from: StartDate
    starts_on: date | None = None
    base_years: int | None = None
    extension_years: int | None = None
    statutory_years: int | None = None
    base_ends_on: date | None = None
    extension_ends_on: date | None = None
    statutory_ends_on: date | None = None
    ends_on: date | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What the household is told on a day about everything that ends on another."""

    kind: NoticeKind
    ends_on: date
    due_on: date


def terms(
    warranty: Warranty | None,
    dates: Mapping[str, date | None],
    statutory: Sequence[Statutory],
) -> list[Term]:
    """Every component of a home, in the order of the catalogue; then what only the law knows.

    `dates` are those of the home: a resale begins no new term.
    """
    least = {one.component: one for one in statutory}
    found = []
    items: Sequence[WarrantyItem] = warranty.items if warranty is not None else ()
    catalogue_from = _start(warranty.from_) if warranty is not None else None
    for rank, item in enumerate(items):
        starts_from = _start(item.from_) or catalogue_from or "delivered_on"
        found.append(_term(item.code, rank, starts_from, item, least.pop(item.code, None), dates))
    for rank, one in enumerate(least.values(), start=len(items)):
        found.append(_term(one.component, rank, catalogue_from or "delivered_on", None, one, dates))
    return found


def _start(name: str | None) -> StartDate | None:
    return next((one for one in START_DATES if one == name), None)


def _term(
    component: str,
    rank: int,
    starts_from: StartDate,
    item: WarrantyItem | None,
    least: Statutory | None,
    dates: Mapping[str, date | None],
) -> Term:
    starts_on = dates.get(starts_from)
    base = item.base_years if item is not None else None
    extension = item.extension_years if item is not None and base is not None else None
    years = least.years if least is not None else None

    def after(years: int | None) -> date | None:
        return months_after(starts_on, 12 * years) if starts_on is not None and years is not None else None

    base_ends_on = after(base)
    extension_ends_on = after(base + extension) if base is not None and extension else None
    statutory_ends_on = after(years)
    ends = [day for day in (base_ends_on, extension_ends_on, statutory_ends_on) if day is not None]
    return Term(
        component,
        rank,
        starts_from,
        starts_on,
        base,
        extension,
        years,
        base_ends_on,
        extension_ends_on,
        statutory_ends_on,
        max(ends, default=None),
        least.name if item is None and least is not None else None,
    )


def is_set(term: Term) -> bool:
    """Whether anybody has said how long it is covered: the catalogue, or the law."""
    return term.base_years is not None or term.statutory_years is not None


def state_on(term: Term, on: date) -> tuple[State, Why]:
    """Whether a component is covered on a day, and why or why not (WR-02, CT-15)."""
    if not is_set(term):
        return "not_set", "no_term"
    if term.starts_on is None or term.ends_on is None:
        return "not_started", "start_not_known"
    if on < term.starts_on:
        return "not_started", "not_begun"
    if on > term.ends_on:
        return "not_covered", "ended"
    if term.base_ends_on is not None and on <= term.base_ends_on:
        return "covered", "base"
    if term.extension_ends_on is not None and on <= term.extension_ends_on:
        return "covered", "extension"
    return "covered", "statutory"


def below_the_law(term: Term) -> bool:
    """Whether the catalogue promises less than the law asks for (CT-15)."""
    if term.base_years is None or term.statutory_years is None:
        return False
    return term.base_years + (term.extension_years or 0) < term.statutory_years


def notices(found: Iterable[Term]) -> list[Notice]:
    """What a household is told: two months before each day on which something ends, and on that day (WR-13, WR-14).

    What ends on 31 December is told of on 31 October; on 30 April, on the last day of February.
    """
    wanted = []
    for ends_on in sorted({term.ends_on for term in found if term.ends_on is not None}):
        wanted.append(Notice("ending", ends_on, months_after(ends_on, -MONTHS_AHEAD)))
        wanted.append(Notice("ended", ends_on, ends_on))
    return wanted


def begins_as(notice: Notice, today: date) -> Literal["planned", "passed"]:
    """A notice that is first known of when its day is over (an import, a buyer).

    Of what has not ended yet people are told all the same, late as it is; of what ended before, nobody is any more.
    """
    if notice.kind == "ending":
        # On the day itself there is nothing left to look ahead to.
        return "planned" if today < notice.ends_on else "passed"
    return "planned" if today <= notice.ends_on else "passed"


Occasion = Literal["warranty_end", "delivery"]
OCCASIONS: Final[tuple[Occasion, ...]] = ("warranty_end", "delivery")
"""What defects are gathered for: the end of warranty (WR-17), or the inspections before delivery (SN-41)."""

BatchState = Literal["gathering", "sent", "answered", "corrected"]
BATCH_STATES: Final[tuple[BatchState, ...]] = ("gathering", "sent", "answered", "corrected")
"""A batch in its order. It is gathered, then the unit has it, has answered, and has put all of it right."""

BatchMove = Literal["send", "answer", "correct"]
MOVES: Final[Mapping[BatchMove, tuple[BatchState, ...]]] = {
    "send": ("gathering",),
    "answer": ("sent",),
    "correct": ("sent", "answered"),
}
"""From which states each move is made. Who puts things right without a word has answered by that."""

Stage = Literal["under_warranty", "settling", "settled"]
STAGES: Final[tuple[Stage, ...]] = ("under_warranty", "settling", "settled")
"""Where a works contract stands: retention money settled and the warranty left are one stage (WR-18)."""


def legal_moves(state: BatchState) -> list[BatchMove]:
    """What can be done with a batch that stands so."""
    return [move for move, states in MOVES.items() if state in states]


def is_overdue(state: BatchState, deadline: date, today: date) -> bool:
    """Whether the unit has let its deadline pass: the day itself still counts."""
    return state in ("sent", "answered") and today > deadline

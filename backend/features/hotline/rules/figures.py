"""What the report counts of a case, packed into two numbers: so a million cases are counted in one short pass. Pure.

The database writes them (`models/figures.py`), by the places and lists that stand here; nothing else does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from backend.features.hotline.rules.rates import ClockCounts, Counts
from backend.features.hotline.rules.words import CATEGORIES, CLOSING_REASONS, KINDS, SEVERITIES

OUTCOMES: Final = ("open", "merged", "passed_on", *CLOSING_REASONS)
"""How a case stands: open still, gone on elsewhere, or closed for a reason."""

LISTS: Final[dict[str, Sequence[str]]] = {
    "kind": KINDS,
    "severity": SEVERITIES,
    "category": ("none", *CATEGORIES),
    "outcome": OUTCOMES,
}
"""By column: its words, in the order of their numbers. New ones are only added at the end."""

PLACES: Final = {
    "kind": 0,
    "severity": 3,
    "category": 6,
    "outcome": 9,
    "hour": 13,
    "reopened": 18,
    "late": 19,
}
"""At which bit each begins. `hour`: of the day it was received; `late`: any of its clocks was missed."""

KEPT: Final = 20
MISSED: Final = 22
"""How many replies (C3) were given in time, and how many were missed; at most three of each are counted."""

CLOCKS: Final = ("C1", "C2", "C3", "C4", "C5")
STATES: Final = ("met", "missed", "open", "void")
"""Of every clock and state at most seven are counted a case: its rounds."""

MOST: Final = 7
REPLY: Final = "C3"


@dataclass(frozen=True, slots=True)
class Figure:
    """So many cases of one kind, as unpacked."""

    kind: str
    severity: str
    category: str
    outcome: str
    hour: int
    counts: Counts


def unpack(dims: int, cases: int) -> Figure:
    """Of so many cases with these figures."""
    word = {
        name: words[dims >> PLACES[name] & (15 if name == "outcome" else 7)] for name, words in LISTS.items()
    }
    outcome = word["outcome"]
    kept, missed = dims >> KEPT & 3, dims >> MISSED & 3
    elsewhere = outcome in {"merged", "passed_on"}
    closed = outcome != "open" and not elsewhere
    return Figure(
        **word,
        hour=dims >> PLACES["hour"] & 31,
        counts=Counts(
            received=cases,
            elsewhere=cases * elsewhere,
            closed=cases * closed,
            accepted=cases * (outcome == "accepted"),
            replies=cases * (kept + missed),
            replied_in_time=cases * kept,
            breached=cases * (dims >> PLACES["late"] & 1),
            reopened=cases * (dims >> PLACES["reopened"] & 1),
        ),
    )


def unpack_clocks(rows: Iterable[tuple[int, int]]) -> Iterator[ClockCounts]:
    """By the packed clocks of cases and how many cases have them: how the clocks of each code stand."""
    found = {code: dict.fromkeys(STATES, 0) for code in CLOCKS}
    for packed, cases in rows:
        for place, code in enumerate(CLOCKS):
            for at, state in enumerate(STATES):
                found[code][state] += cases * (packed >> clock_place(place, at) & MOST)
    return (ClockCounts(code, states) for code, states in found.items())


def clock_place(clock: int, state: int) -> int:
    """At which bit the count of a clock and state begins."""
    return 12 * clock + 3 * state

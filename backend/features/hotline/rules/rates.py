"""The rates of the hotline (HC-27, HC-28), with "accepted only" beside them (CT-28, MG-01). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import ROUND_DOWN, Decimal
from typing import Final, Self

_TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many `of` so many. Null percent: there was nothing to be counted."""

    count: int
    of: int

    @property
    def percent(self) -> Decimal | None:
        """With one decimal, rounded down: 100 is said only where nothing is missing."""
        if self.of == 0:
            return None
        return (Decimal(self.count) * 100 / self.of).quantize(_TENTH, rounding=ROUND_DOWN)

    def meets(self, target: int) -> bool:
        """Whether a target in percent is reached. Where nothing was to be done, nothing was missed."""
        return self.count * 100 >= target * self.of


@dataclass(frozen=True, slots=True)
class Counts:
    """Cases received in a span of time, as they stand.

    `elsewhere`: followed as part of another case or as a repair; they are in no rate. `closed`: by any reason;
    `accepted`: because the owner accepted it. `replies`: replies that were given or are due (C3), `replied_in_time`:
    before they were due. `breached`: cases with any clock that was missed.
    """

    received: int = 0
    elsewhere: int = 0
    closed: int = 0
    accepted: int = 0
    replies: int = 0
    replied_in_time: int = 0
    breached: int = 0
    reopened: int = 0

    @property
    def handled(self) -> Rate:
        """HC-27: closed by any reason (CT-28)."""
        return Rate(self.closed, self.received - self.elsewhere)

    @property
    def accepted_only(self) -> Rate:
        """CT-28: beside HC-27, only what the owner accepted."""
        return Rate(self.accepted, self.received - self.elsewhere)

    @property
    def in_time(self) -> Rate:
        """HC-28: replies given in time, of all that were given or due."""
        return Rate(self.replied_in_time, self.replies)

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def total(counts: Iterable[Counts]) -> Counts:
    """All of them together."""
    return sum(counts, Counts())


@dataclass(frozen=True, slots=True)
class ClockCounts:
    """How the clocks of one code stand: `met` in time, `missed` (whether met later or not), `open`, `void`."""

    code: str
    states: Mapping[str, int]

    @property
    def kept(self) -> Rate:
        """Met in time, of all that were met or missed."""
        met = self.states.get("met", 0)
        return Rate(met, met + self.states.get("missed", 0))

"""What a page says: which cases, which clocks, how much time is left. Nothing personal."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from backend.core.locale import Locale, knows, say

_FITS: Final = 35
"""So many characters a gateway with approved wordings allows a placeholder of an SMS."""

_LISTED: Final = 200
"""So many lines an e-mail lists; the app lists them all."""

_IN_MINUTES: Final = timedelta(hours=2)
_IN_HOURS: Final = timedelta(days=2)


def first_few(numbers: Sequence[str], locale: Locale) -> str:
    """As many numbers as an SMS has room for, and how many there are when those are not all."""
    for shown in range(len(numbers), 0, -1):
        words = _some(numbers, shown, locale)
        if len(words) <= _FITS:
            return words
    return _some(numbers, 1, locale)


def time_left(left: timedelta, locale: Locale) -> str:
    """How much time there is, or for how long there has been none, rounded down."""
    which, span = ("left", left) if left > timedelta(0) else ("over", -left)
    if span < _IN_MINUTES:
        unit, count = "minutes", span // timedelta(minutes=1)
    elif span < _IN_HOURS:
        unit, count = "hours", span // timedelta(hours=1)
    else:
        unit, count = "days", span // timedelta(days=1)
    return say(locale, f"page.{which}_{unit}", count=count)


def clock_words(clock: str, locale: Locale) -> str:
    """A clock's name; one of a company's own making goes by its code."""
    key = f"page.clock_{clock}"
    return say(locale, key) if knows(key) else clock


def every_one(pages: Sequence[tuple[str, str, datetime]], now: datetime, locale: Locale) -> str:
    """A line for each: its number, its clock, the time left."""
    lines = [
        say(
            locale,
            "page.line",
            number=number,
            clock=clock_words(clock, locale),
            left=time_left(due_at - now, locale),
        )
        for number, clock, due_at in pages[:_LISTED]
    ]
    if len(pages) > _LISTED:
        lines.append(say(locale, "page.more", count=len(pages) - _LISTED))
    return "\n".join(lines)


def _some(numbers: Sequence[str], shown: int, locale: Locale) -> str:
    listed = say(locale, "page.between").join(numbers[:shown])
    return (
        listed if shown == len(numbers) else say(locale, "page.and_more", numbers=listed, count=len(numbers))
    )

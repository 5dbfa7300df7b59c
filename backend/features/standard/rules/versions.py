"""Versions: how they are counted (RC-28), and on which days one is in order (RC-18, RC-27)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

FIRST: Final = "A/0"
_LAST: Final = "Z/9"

Standing = Literal["draft", "approved", "effective", "superseded"]


class VersionsUsedUp(ValueError):
    """Z/9 has no successor."""


def next_version(version: str) -> str:
    """The version after this one: A/0 to A/9, then B/0, to Z/9 (RC-28).

    Versions written so sort as text.

    Raises:
        VersionsUsedUp: see there.
    """
    if version == _LAST:
        raise VersionsUsedUp(version)
    letter, _, revision = version.partition("/")
    return f"{letter}/{int(revision) + 1}" if revision != "9" else f"{chr(ord(letter) + 1)}/0"


@dataclass(frozen=True, slots=True)
class Edition:
    """A version as its days are counted. A draft has no `effective_from`; `changeover` is its document's, in days."""

    version: str
    effective_from: date | None
    changeover: int


def effective(editions: Sequence[Edition], on: date) -> Edition | None:
    """The one that holds on a day: approved, begun, and the newest of these; a draft holds never (RC-18)."""
    begun = [(one.effective_from, one) for one in editions if one.effective_from and one.effective_from <= on]
    return max(begun, key=lambda found: found[0])[1] if begun else None


def last_day_in_order(edition: Edition, editions: Sequence[Edition]) -> date | None:
    """The last day on which an approved edition may still be used; None while no later one is approved.

    RC-27 gives ten calendar days 自新版表格生效之日起. As everywhere in Chinese law a period that runs from a day
    leaves that day out and begins with the next (民法典 art. 201). A version that takes effect on 10 May, with
    ten days to change over, leaves the old one in order to the end of 20 May. The number of days is the new
    version's.
    """
    assert edition.effective_from is not None
    later = [
        (one.effective_from, one)
        for one in editions
        if one.effective_from is not None and one.effective_from > edition.effective_from
    ]
    if not later:
        return None
    begins, successor = min(later, key=lambda found: found[0])
    return begins + timedelta(days=successor.changeover)


def in_order(edition: Edition, editions: Sequence[Edition], on: date) -> bool:
    """Whether what is done by this edition on a day is done by a valid text (RC-27)."""
    if edition.effective_from is None or on < edition.effective_from:
        return False
    last = last_day_in_order(edition, editions)
    return last is None or on <= last


def standing(edition: Edition, editions: Sequence[Edition], on: date) -> Standing:
    """Where an edition stands on a day: draft, approved and still to come, effective, superseded."""
    if edition.effective_from is None:
        return "draft"
    if on < edition.effective_from:
        return "approved"
    return "effective" if effective(editions, on) == edition else "superseded"

"""Who can stand in for whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from backend.core.clock import local_date
from backend.features.roster.rules.shifts import Override, Post, midnight

StandInFault = Literal[
    "stand_in_same_person",
    "stand_in_other_role",
    "stand_in_elsewhere",
    "stand_in_not_then",
    "stand_in_absent",
]


def stand_in_fault(
    absent: Post, path: Sequence[UUID], stand_in: Post, since: datetime, until: datetime | None
) -> StandInFault | None:
    """Why a position cannot stand in for another, whose node is the end of `path`, in that time; None: it can."""
    if stand_in.account_id == absent.account_id:
        return "stand_in_same_person"
    if stand_in.role != absent.role:
        return "stand_in_other_role"
    if stand_in.node_id not in path:
        return "stand_in_elsewhere"
    if not stand_in.works or not stand_in.held_on(local_date(since)) or not _held_until(stand_in, until):
        return "stand_in_not_then"
    if any(one.kind == "absent" and meet(one, since, until) for one in stand_in.overrides):
        return "stand_in_absent"
    return None


def _held_until(post: Post, until: datetime | None) -> bool:
    if post.until is None:
        return True
    return until is not None and until <= midnight(post.until)


def held_between(post: Post, since: datetime, until: datetime | None) -> bool:
    """Whether a position is held at some moment of that time."""
    begins = until is None or midnight(post.since) < until
    return begins and (post.until is None or since < midnight(post.until))


def meet(override: Override, since: datetime, until: datetime | None) -> bool:
    """Whether an override and a time have a moment in common."""
    return (until is None or override.since < until) and (override.until is None or since < override.until)

"""The joint repair team, pure: it exists from a project's mass move-in and for three months (SN-45, CT-18)."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

MONTHS: Final = 3

TeamDuty = Literal["repairs", "progress_and_claims"]
"""What somebody does in it: engineering repairs (SN-46), customer service watches and takes claims (SN-47)."""

TEAM_DUTIES: Final[tuple[TeamDuty, ...]] = get_args(TeamDuty)

TeamState = Literal["not_set", "to_come", "exists", "over"]


@dataclass(frozen=True, slots=True)
class Term:
    """From its first day until its last, both included (local calendar days)."""

    starts_on: date
    ends_on: date


def team_state(term: Term | None, today: date) -> TeamState:
    """How a team stands on a day."""
    if term is None:
        return "not_set"
    if today < term.starts_on:
        return "to_come"
    return "exists" if today <= term.ends_on else "over"

"""Claims of compensation or another home, and who approves them, step by step (HC-44, HC-45, CT-43). Pure.

The method's limits are lost (GP-01), and so is its procedure for a change of home (GP-02): the table of approval is
the company's to set, and while it is not set a claim is kept and nobody can decide it. Money is in fen.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal
from uuid import UUID

GAPS: Final = {"compensation": "GP-01", "house_change": "GP-02"}
"""What the method leaves open, by the kind of claim that it blocks."""

MOST_FEN: Final = 100_000_000_00
"""A hundred million yuan: more is a slip of the keys."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a table of approval: a role, and up to how much it decides; None: whatever it is."""

    role: str
    limit_fen: int | None


Blocked = Literal["claim_table_not_set", "claim_beyond_limits", "claim_amount_missing"]


def steps_of(table: Sequence[Level], amount_fen: int | None) -> Sequence[Level] | Blocked:
    """The levels that have to approve a claim, one after the other: up to the first whose limit holds it.

    An amount may be missing where money is not what is asked for: then only a level without a limit ends it.
    """
    if not table:
        return "claim_table_not_set"
    for place, level in enumerate(table):
        if level.limit_fen is None or (amount_fen is not None and amount_fen <= level.limit_fen):
            return table[: place + 1]
    return "claim_amount_missing" if amount_fen is None else "claim_beyond_limits"


def rises(table: Sequence[Level]) -> bool:
    """Whether a table goes up: each level decides more than the one below, and only the last may decide all."""
    limits = [level.limit_fen for level in table]
    return all(below is not None and (above is None or above > below) for below, above in pairwise(limits))


def next_step(steps: Sequence[Level], approved: int) -> Level | None:
    """The level whose turn it is when so many have approved; None: all have."""
    return steps[approved] if approved < len(steps) else None


Refusal = Literal["claim_not_your_level", "claim_not_your_own", "claim_approved_twice"]


def may_approve(
    level: Level, roles: Collection[str], who: UUID, asked_by: UUID, approved_by: Collection[UUID]
) -> Refusal | None:
    """Why somebody may not approve at a level; None: they may.

    `roles`: what they hold at the case's place. Nobody approves what they asked for, and nobody at two levels.
    """
    if level.role not in roles:
        return "claim_not_your_level"
    if who == asked_by:
        return "claim_not_your_own"
    return "claim_approved_twice" if who in approved_by else None

"""Who gets a case of those who hold the position that answers for it. Pure (HC-05 to HC-09, HC-21)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

ABOVE: Final = ("head_of_customer_relations", "leader_in_charge")
"""Who answers for it where nobody of the responsible position may (RO-05, RO-29)."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a role on the way up. `distance`: how many nodes above; `load`: cases they have."""

    account_id: UUID
    name: str | None
    role: str
    distance: int
    on_duty: bool
    load: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose it is now: a role, the person, if there is one, and why. `passed`: roles that nobody could answer for."""

    role: str
    account_id: UUID | None
    name: str | None
    because: Mapping[str, Any]


def ladder(role: str) -> tuple[str, ...]:
    """The responsible role, and those above it, in the order in which they are asked."""
    return (role, *(one for one in ABOVE if one != role))


def choose(role: str, holders: Sequence[Holder], barred: Collection[UUID]) -> Choice:
    """Who is on duty before who is not, then the nearest, then who has least; never whom the case is about.

    Where nobody of the position may, the next above is asked, and that is on the record; nobody at all: the position
    keeps it, and the chain goes on upward by itself.
    """
    passed: list[str] = []
    for asked in ladder(role):
        there = [one for one in holders if one.role == asked and one.account_id not in barred]
        if there:
            best = min(there, key=lambda one: (not one.on_duty, one.distance, one.load, one.account_id))
            because = {
                "role": asked,
                "on_duty": best.on_duty,
                "distance": best.distance,
                "load": best.load,
                "of": len(there),
                "passed": passed,
            }
            return Choice(asked, best.account_id, best.name, because)
        passed.append(asked)
    return Choice(role, None, None, {"role": role, "vacant": True, "passed": passed})

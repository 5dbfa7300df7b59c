"""The emergency flow, pure: declared, taken by somebody on duty, made safe; or found to be none (SN-44, FM-60).

How soon somebody must be there the method does not say: no time is set, and everybody on duty is told at once.
"""

from collections.abc import Collection
from typing import Final, Literal, get_args
from uuid import UUID

EmergencyState = Literal["declared", "taken", "safe", "not_urgent"]
EMERGENCY_STATES: Final[tuple[EmergencyState, ...]] = get_args(EmergencyState)

OPEN: Final[tuple[EmergencyState, ...]] = ("declared", "taken")

NIGHT_DUTY: Final = "repair_engineer"
"""Who is on duty for repairs, by day and, where the roster has a shift then, at night (FM-60)."""

CHAIN: Final = ("property_manager", "customer_manager", "head_of_customer_relations")
"""Who is told when nobody is on duty for repairs: all of them, as far as anybody holds these roles there."""


def whom_to_tell(
    engineer: UUID | None, on_duty: Collection[UUID], team: Collection[UUID], chain: Collection[UUID]
) -> list[UUID]:
    """Whom an emergency is told at once: the ticket's engineer, who is on duty, and the joint team while it exists.

    With none of them on duty also the chain: somebody must be reached (FM-38).
    """
    told = {*on_duty, *team}
    if not told:
        told.update(chain)
    if engineer is not None:
        told.add(engineer)
    return sorted(told)


def may(state: EmergencyState | None, act: Literal["declare", "take", "make_safe", "deny"]) -> bool:
    """Whether an act is possible in a state; None: no emergency was declared. What is over can begin anew."""
    match act:
        case "declare":
            return state not in OPEN
        case "take":
            return state == "declared"
        case _:
            return state in OPEN

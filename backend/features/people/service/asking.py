"""Who asks for what belongs to a home: its household by role, or employees in their scope."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from backend.core.caller import Caller
from backend.features.people.rules import HOUSEHOLD_ROLES, household_sees
from backend.features.people.service.positions import scope_of
from backend.platform.process import Process

_SEE_DATES: Final = tuple(role for role in HOUSEHOLD_ROLES if household_sees(role, "dates"))


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a member of the household by the roles that may, or an employee by the nodes in scope."""

    who: Literal["household", "staff"]
    account_id: UUID
    by: tuple[Any, ...]


async def asker_of_dates(process: Process, caller: Caller, now: datetime) -> Asker:
    """The caller, as one who may ask for what is seen by whoever sees a home's dates.

    Raises:
        NotAllowed: `not_in_your_role`: an employee without any position that sees the estate.
    """
    if caller.kind == "owner":
        return Asker("household", caller.account_id, _SEE_DATES)
    async with process.works.begin() as work:
        return Asker("staff", caller.account_id, tuple(await scope_of(work, caller, "see_estate", now)))

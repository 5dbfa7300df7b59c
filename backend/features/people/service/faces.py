"""Whose face and name stand beside what somebody wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.db.work import Work
from backend.features.people.repository.faces import known
from backend.features.people.rules import HOUSEHOLD_ROLES, household_sees, mask_name


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody as a reader may see them. `role`: what an employee is today. `near`: the reader, or their household."""

    account_id: UUID
    kind: Literal["owner", "staff"]
    name: str | None
    role: str | None
    near: bool


async def faces(work: Work, caller: Caller, account_ids: Sequence[UUID], now: datetime) -> list[Face]:
    """These accounts, in this order.

    Employees by name and role. Owners in full for their own household alone, as far as the caller's role in it sees
    that; masked for everybody else, employees too (S3-23).
    """
    roles = [role for role in HOUSEHOLD_ROLES if household_sees(role, "household")]
    found = await known(work, caller.account_id, account_ids, roles, local_date(now))
    return [
        Face(
            one.account_id,
            "staff" if one.kind == "staff" else "owner",
            one.name if one.kind == "staff" or one.near or one.name is None else mask_name(one.name),
            one.role,
            one.near,
        )
        for one in found
    ]

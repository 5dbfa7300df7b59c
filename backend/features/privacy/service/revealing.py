"""Showing one value unmasked, and never without writing down who looked, when and why (S3-23)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import NotFound
from backend.core.ids import new_id
from backend.core.locale import LOCALES, say
from backend.core.sealing import Sealer
from backend.db.work import Work
from backend.features.estate.service import lives_below
from backend.features.notices.service import About, Telling, Value, tell
from backend.features.people.service import mask_name, positions_of, roles_that_may, scope_of, value_of
from backend.features.privacy.models import Reveal
from backend.features.privacy.repository import reveals_of

Field = Literal["phone", "name", "identity"]


@dataclass(frozen=True, slots=True)
class Revealed:
    """One value in clear, and the line that was written about it."""

    id: UUID
    value: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """A line of the list that a person reads: the employee by role and cut name, as staff see owners."""

    id: UUID
    field: Field
    reason: str
    at: datetime
    role: str
    name: str | None


async def reveal(
    work: Work, sealer: Sealer, caller: Caller, now: datetime, *, subject_id: UUID, field: Field, reason: str
) -> Revealed:
    """One value of somebody who lives in a home in the caller's scope; the line about it, and what tells them of it,
    commit with the answer.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: nobody in the caller's scope, or `nothing_to_reveal`: no such value on record.
    """
    scope = await scope_of(work, caller, "reveal", now)
    if not await lives_below(work, scope, subject_id):
        raise NotFound()
    value = await value_of(work, sealer, subject_id, field)
    if value is None:
        raise NotFound("nothing_to_reveal")
    may = set(roles_that_may("reveal"))
    role = next(
        position.role
        for position, node in await positions_of(work, caller.account_id, now)
        if position.role in may and node.id in scope
    )
    line = Reveal(
        id=new_id(),
        subject_id=subject_id,
        actor_id=caller.account_id,
        actor_role=role,
        field=field,
        reason=reason,
        at=now,
    )
    work.add(line)
    await work.flush()
    words: Value = {locale: say(locale, f"notice.field_{field}") for locale in LOCALES}
    about = About("reveal", line.id)
    await tell(work, Telling("reveal", [subject_id], {"field": words}, about, f"reveal:{line.id}"))
    return Revealed(line.id, value, now)


async def looks_at(work: Work, subject_id: UUID, before: UUID | None, limit: int) -> Sequence[Look]:
    """A page of who looked at which value of a person, and why, the newest first."""
    return [
        Look(
            row.id,
            row.field,
            row.reason,
            row.at,
            row.actor_role,
            row.actor_name and mask_name(row.actor_name),
        )
        for row in await reveals_of(work, subject_id, before, limit)
    ]

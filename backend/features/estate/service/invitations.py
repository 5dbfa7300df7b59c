"""Invitations with the home they are into: the invited do not see the home yet, and must know which it is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.db.work import Work
from backend.features.estate.repository import ownerships
from backend.features.people.service import invitations_to_me


@dataclass(frozen=True, slots=True)
class InvitedInto:
    """An open invitation to the caller; `home` in one line."""

    id: UUID
    role: str
    invited_by: str | None
    home: str
    expires_at: datetime


async def invitations_of(work: Work, caller: Caller, now: datetime) -> list[InvitedInto]:
    """The caller's open invitations, newest first."""
    found = await invitations_to_me(work, caller, now)
    places = await ownerships.places_of(work, [invitation.ownership_id for invitation, _ in found])
    return [
        InvitedInto(
            invitation.id, invitation.role, inviter, places[invitation.ownership_id], invitation.expires_at
        )
        for invitation, inviter in found
    ]

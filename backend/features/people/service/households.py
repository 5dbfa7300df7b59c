"""Who lives with whom: members, invitations by phone, leaving, and the end of it all at a resale."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core.caller import Caller
from backend.core.errors import Conflict, NotAllowed, NotFound
from backend.core.ids import new_id
from backend.db.signals import Signals
from backend.db.work import Work
from backend.features.people.models import HouseholdMember, Invitation
from backend.features.people.repository import accounts, households
from backend.features.people.repository.households import Member
from backend.features.people.rules import INVITATION_LIFE, Sight, household_sees
from backend.features.people.service.codes import checked_phone
from backend.features.people.service.rights import signal_rights
from backend.platform.outbox import Waker, enqueue

HOUSEHOLD_LIMIT = 20

TELL_INVITED: Final = "tell_invited"
"""The job that tells somebody that they are invited."""


async def role_in(work: Work, account_id: UUID, ownership_id: UUID) -> str | None:
    """The role an account has in a household now; None when it does not belong to it."""
    return await households.role_in(work, account_id, ownership_id)


async def people_of(work: Work, ownership_ids: Sequence[UUID]) -> dict[UUID, list[Member]]:
    """The current members of these households, in clear, owners first."""
    found: dict[UUID, list[Member]] = {ownership_id: [] for ownership_id in ownership_ids}
    for member in await households.members(work, ownership_ids):
        found[member.ownership_id].append(member)
    return found


async def end_household(work: Work, signals: Signals, ownership_id: UUID, *, now: datetime) -> None:
    """A resale: every membership ends and every open invitation is withdrawn, at once."""
    await households.lock_household(work, ownership_id)
    await signal_rights(work, signals, await households.end_all(work, ownership_id, now))


async def household(work: Work, caller: Caller, ownership_id: UUID) -> list[Member]:
    """Who belongs to the caller's household.

    Raises:
        NotFound: it is not the caller's.
        NotAllowed: the caller's role in it does not see that.
    """
    await _require(work, caller, ownership_id, "household")
    return (await people_of(work, [ownership_id]))[ownership_id]


async def open_invitations(
    work: Work, caller: Caller, ownership_id: UUID, now: datetime
) -> Sequence[Invitation]:
    """Whom the household has asked in and who has not answered yet."""
    await _require(work, caller, ownership_id, "invite")
    return await households.invitations_of(work, ownership_id, now)


async def invite(
    work: Work,
    waker: Waker,
    caller: Caller,
    ownership_id: UUID,
    *,
    phone: str,
    role: Literal["family", "tenant"],
    now: datetime,
) -> Invitation:
    """Ask somebody into the household. An account is made for a phone we do not know, so that they can sign in.

    Raises:
        NotFound, NotAllowed: as for `household`.
        Invalid: `phone_invalid`.
        Conflict: `already_member`, `already_invited`, `household_full`.
    """
    phone = checked_phone(phone)
    await households.lock_household(work, ownership_id)
    await _require(work, caller, ownership_id, "invite")
    await households.expire_invitations(work, now, ownership_id)
    account = await accounts.owner_for_phone(work, phone)
    if await households.role_in(work, account.id, ownership_id) is not None:
        raise Conflict("already_member", field="phone")
    if any(asked.phone == phone for asked in await households.invitations_of(work, ownership_id, now)):
        raise Conflict("already_invited", field="phone")
    if await households.headcount(work, ownership_id, now) >= HOUSEHOLD_LIMIT:
        raise Conflict("household_full", limit=HOUSEHOLD_LIMIT)
    invitation = Invitation(
        id=new_id(),
        ownership_id=ownership_id,
        invited_by=caller.account_id,
        phone=phone,
        role=role,
        state="open",
        expires_at=now + INVITATION_LIFE,
        created_at=now,
    )
    work.add(invitation)
    await work.flush()
    await enqueue(work, waker, TELL_INVITED, {"invitation_id": str(invitation.id)})
    return invitation


async def invited_account(work: Work, invitation_id: UUID, now: datetime) -> tuple[UUID, UUID] | None:
    """Who is asked in and into which household; None once the invitation is over."""
    asked = await households.invitation(work, invitation_id)
    if asked is None or asked.state != "open" or asked.expires_at <= now:
        return None
    account = await accounts.owner_by_phone(work, asked.phone)
    return None if account is None else (account.id, asked.ownership_id)


async def withdraw(work: Work, caller: Caller, invitation_id: UUID, now: datetime) -> None:
    """Take an invitation back.

    Raises:
        NotFound: it is not into a household of the caller's.
        Conflict: `invitation_over`.
    """
    asked = await households.invitation(work, invitation_id)
    if asked is None:
        raise NotFound()
    await _require(work, caller, asked.ownership_id, "invite")
    invitation = await households.locked_invitation(work, invitation_id)
    _require_open(invitation, now)
    invitation.state, invitation.answered_at = "withdrawn", now
    await work.flush()


async def invitations_to_me(
    work: Work, caller: Caller, now: datetime
) -> Sequence[tuple[Invitation, str | None]]:
    """The open invitations to the caller's phone, each with the inviter's name."""
    account = await accounts.account(work, caller.account_id)
    if account is None or account.phone is None or caller.kind != "owner":
        return []
    return await households.invitations_to(work, account.phone, now)


async def answer(work: Work, caller: Caller, invitation_id: UUID, *, accepted: bool, now: datetime) -> UUID:
    """Accept or decline an invitation to the caller's phone. Returns the ownership it was into.

    Raises:
        NotFound: it is not to the caller.
        Conflict: `invitation_over`, `already_member`.
    """
    asked = await households.invitation(work, invitation_id)
    account = await accounts.account(work, caller.account_id)
    if asked is None or account is None or caller.kind != "owner" or account.phone != asked.phone:
        raise NotFound()
    # A resale at the same moment either finds the new member or leaves no open invitation.
    await households.lock_household(work, asked.ownership_id)
    invitation = await households.locked_invitation(work, invitation_id)
    _require_open(invitation, now)
    invitation.state, invitation.answered_at = ("accepted" if accepted else "declined"), now
    if accepted:
        work.add(
            HouseholdMember(
                id=new_id(),
                ownership_id=invitation.ownership_id,
                account_id=account.id,
                role=invitation.role,
                since=now,
            )
        )
    try:
        await work.flush()
    except IntegrityError as error:
        if "uq_household_member_current" in str(error.orig):
            raise Conflict("already_member") from None
        raise
    return invitation.ownership_id


async def remove(
    work: Work, signals: Signals, caller: Caller, ownership_id: UUID, member_id: UUID, now: datetime
) -> None:
    """End a membership: an owner removes family or a tenant, and anybody but an owner may leave by themselves.

    Raises:
        NotFound: no such member of a household of the caller's.
        NotAllowed: somebody else's membership is not the caller's to end.
        Conflict: `cannot_remove_owner`.
    """
    role = await _require(work, caller, ownership_id, "home")
    member = await households.member(work, ownership_id, member_id)
    if member is None:
        raise NotFound()
    if member.account_id != caller.account_id and not household_sees(role, "invite"):
        raise NotAllowed()
    if member.role == "owner":
        raise Conflict("cannot_remove_owner")
    member.ended_at = max(now, member.since)
    await work.flush()
    await signal_rights(work, signals, [member.account_id])


async def _require(work: Work, caller: Caller, ownership_id: UUID, sight: Sight) -> str:
    role = await households.role_in(work, caller.account_id, ownership_id)
    if role is None:
        raise NotFound()
    if not household_sees(role, sight):
        raise NotAllowed()
    return role


def _require_open(invitation: Invitation, now: datetime) -> None:
    if invitation.state != "open" or invitation.expires_at <= now:
        state = "expired" if invitation.state == "open" else invitation.state
        raise Conflict("invitation_over", state=state)

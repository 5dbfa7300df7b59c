"""Households and invitations in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text, update

from backend.db.work import Work
from backend.features.people.models import Account, HouseholdMember, Invitation


@dataclass(frozen=True, slots=True)
class Member:
    """A current member of a household, in clear: mask before staff see it."""

    id: UUID
    ownership_id: UUID
    account_id: UUID
    role: str
    name: str | None
    phone: str | None
    position: int
    since: datetime


async def role_in(work: Work, account_id: UUID, ownership_id: UUID) -> str | None:
    """The role an account has in a household now."""
    return await work.scalar(
        select(HouseholdMember.role).where(
            HouseholdMember.account_id == account_id,
            HouseholdMember.ownership_id == ownership_id,
            HouseholdMember.ended_at.is_(None),
        )
    )


async def members(work: Work, ownership_ids: Sequence[UUID]) -> Sequence[Member]:
    """The current members of these households: owners in the contract's order, then the others."""
    rows = await work.execute(
        select(HouseholdMember, Account.name, Account.phone)
        .join(Account, Account.id == HouseholdMember.account_id)
        .where(HouseholdMember.ownership_id.in_(ownership_ids), HouseholdMember.ended_at.is_(None))
        .order_by(
            HouseholdMember.ownership_id,
            HouseholdMember.role != "owner",
            HouseholdMember.position,
            HouseholdMember.id,
        )
    )
    return [
        Member(m.id, m.ownership_id, m.account_id, m.role, name, phone, m.position, m.since)
        for m, name, phone in rows
    ]


async def member(work: Work, ownership_id: UUID, member_id: UUID) -> HouseholdMember | None:
    """One current member, locked."""
    return (
        await work.scalars(
            select(HouseholdMember)
            .where(
                HouseholdMember.id == member_id,
                HouseholdMember.ownership_id == ownership_id,
                HouseholdMember.ended_at.is_(None),
            )
            .with_for_update()
        )
    ).one_or_none()


async def end_all(work: Work, ownership_id: UUID, now: datetime) -> Sequence[UUID]:
    """Nobody belongs to the household any more, and nobody is invited. Returns the accounts that did."""
    ended = await work.scalars(
        update(HouseholdMember)
        .where(HouseholdMember.ownership_id == ownership_id, HouseholdMember.ended_at.is_(None))
        .values(ended_at=func.greatest(HouseholdMember.since, now))
        .returning(HouseholdMember.account_id)
    )
    accounts = ended.all()
    await work.execute(
        update(Invitation)
        .where(Invitation.ownership_id == ownership_id, Invitation.state == "open")
        .values(state="withdrawn", answered_at=now)
    )
    return accounts


async def lock_household(work: Work, ownership_id: UUID) -> None:
    """Let nobody else change who belongs to the household until this transaction ends."""
    await work.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('household:' || :id, 0))"),
        {"id": str(ownership_id)},
    )


async def headcount(work: Work, ownership_id: UUID, now: datetime) -> int:
    """Members and open invitations together."""
    here = select(func.count()).where(
        HouseholdMember.ownership_id == ownership_id, HouseholdMember.ended_at.is_(None)
    )
    asked = select(func.count()).where(
        Invitation.ownership_id == ownership_id, Invitation.state == "open", Invitation.expires_at > now
    )
    return (await work.scalar(here) or 0) + (await work.scalar(asked) or 0)


async def expire_invitations(work: Work, now: datetime, ownership_id: UUID | None = None) -> None:
    """Close the invitations nobody answered in time."""
    closing = update(Invitation).where(Invitation.state == "open", Invitation.expires_at <= now)
    if ownership_id is not None:
        closing = closing.where(Invitation.ownership_id == ownership_id)
    await work.execute(closing.values(state="expired", answered_at=Invitation.expires_at))


async def invitations_of(work: Work, ownership_id: UUID, now: datetime) -> Sequence[Invitation]:
    """The open invitations into a household, newest first."""
    return (
        await work.scalars(
            select(Invitation)
            .where(
                Invitation.ownership_id == ownership_id,
                Invitation.state == "open",
                Invitation.expires_at > now,
            )
            .order_by(Invitation.id.desc())
        )
    ).all()


async def invitations_to(work: Work, phone: str, now: datetime) -> Sequence[tuple[Invitation, str | None]]:
    """The open invitations to a phone, each with its inviter's name, newest first."""
    rows = await work.execute(
        select(Invitation, Account.name)
        .join(Account, Account.id == Invitation.invited_by)
        .where(Invitation.phone == phone, Invitation.state == "open", Invitation.expires_at > now)
        .order_by(Invitation.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


async def invitation(work: Work, invitation_id: UUID) -> Invitation | None:
    """One invitation."""
    return await work.get(Invitation, invitation_id)


async def locked_invitation(work: Work, invitation_id: UUID) -> Invitation:
    """An invitation that is there, locked and as it stands now, so that it is answered once."""
    return await work.get_one(Invitation, invitation_id, with_for_update=True, populate_existing=True)


async def owns_a_home(work: Work, account_id: UUID) -> bool:
    """Whether an account owns a home now: its name is then the contract's."""
    found = await work.scalar(
        select(HouseholdMember.id)
        .where(
            HouseholdMember.account_id == account_id,
            HouseholdMember.role == "owner",
            HouseholdMember.ended_at.is_(None),
        )
        .limit(1)
    )
    return found is not None

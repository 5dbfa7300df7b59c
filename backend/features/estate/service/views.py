"""What the feature's verbs hand out: plain values, already cut to what the asker may see."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.features.estate.models import Home, Ownership
from backend.features.estate.rules import DATES, Stage, stage
from backend.features.people.service import Member, mask_name, mask_phone


@dataclass(frozen=True, slots=True)
class Dates:
    """An ownership's dates, local calendar days."""

    subscribed_on: date | None
    signed_on: date | None
    delivery_due_on: date | None
    delivered_on: date | None
    keys_on: date | None
    moved_in_on: date | None


@dataclass(frozen=True, slots=True)
class Resident:
    """A member of a household as staff see them: the name cut, the phone masked."""

    account_id: UUID
    role: str
    name: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class OwnershipView:
    """An ownership for one asker. What is not theirs to see is None; `version` is its entity tag."""

    id: UUID
    home_id: UUID
    project_id: UUID
    building: str
    unit: str
    room: str
    stage: Stage | None
    dates: Dates | None
    contract_no: str | None
    address: str | None
    consultant: str | None
    specialist: str | None
    remark: str | None
    current_from: date | None
    ended_on: date | None
    end_reason: str | None
    version: int


@dataclass(frozen=True, slots=True)
class HomeView:
    """A home in a list for staff."""

    id: UUID
    building: str
    unit: str
    room: str
    layout: str | None
    area: Decimal | None
    fitout: str | None
    ownership_id: UUID | None
    stage: Stage | None
    residents: tuple[Resident, ...]


@dataclass(frozen=True, slots=True)
class HomeInFull:
    """A home for staff: its current ownership, who lives there, and every ownership it has had, the newest first."""

    home: HomeView
    project_id: UUID
    project: str
    current: OwnershipView | None
    history: tuple[OwnershipView, ...]


def dates_of(row: Any) -> Dates:
    """The dates of an ownership or of a row that has them as columns."""
    return Dates(*(getattr(row, field) for field in DATES))


def stage_of(row: Any, today: date) -> Stage:
    """The stage of an ownership or of a row with its dates."""
    return stage({field: getattr(row, field) for field in ("ended_on", *DATES)}, today=today)


def for_staff(ownership: Ownership, home: Home, today: date) -> OwnershipView:
    """The whole ownership."""
    return OwnershipView(
        id=ownership.id,
        home_id=home.id,
        project_id=home.project_id,
        building=home.building,
        unit=home.unit,
        room=home.room,
        stage=stage_of(ownership, today),
        dates=dates_of(ownership),
        contract_no=ownership.contract_no,
        address=ownership.address,
        consultant=ownership.consultant,
        specialist=ownership.specialist,
        remark=ownership.remark,
        current_from=ownership.current_from,
        ended_on=ownership.ended_on,
        end_reason=ownership.end_reason,
        version=ownership.version,
    )


def resident(member: Member) -> Resident:
    """A member, masked."""
    return Resident(
        account_id=member.account_id,
        role=member.role,
        name=member.name and mask_name(member.name),
        phone=member.phone and mask_phone(member.phone),
    )

"""What comes out of a workbook: plain values that nobody can change any more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from .codes import FaultCode, NoteCode

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OwnerCell:
    """One owner of a home; the phone in E.164, the identity document without spaces."""

    name: str
    phone: str | None
    identity: str | None


@dataclass(frozen=True, slots=True)
class HomeRecord:
    """One home as the sheet means it. The keys compare across spellings, the others are for display.

    `unit` and `unit_key` are empty for a building without units. `area` is in square metres, two decimals.
    `owners` has at least one, and the first of them has a phone.
    """

    building: str
    building_key: str
    unit: str
    unit_key: str
    room: str
    room_key: str
    layout: str | None
    area: Decimal | None
    fitout: str | None
    owners: tuple[OwnerCell, ...]
    subscribed_on: date | None
    signed_on: date | None
    contract_no: str | None
    delivery_due_on: date | None
    delivered_on: date | None
    keys_on: date | None
    moved_in_on: date | None
    address: str | None
    consultant: str | None
    specialist: str | None
    remark: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason to refuse a row. `column` is the sheet's own header; `params` fill the sentence."""

    column: str
    code: FaultCode
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """The answer for one row of the sheet, counted as a person counts it: the first row is 1.

    `code` is the first fault of a refused row, the reason of a skipped one, the first note of a good one.
    """

    row: int
    state: Literal["ok", "refused", "skipped"]
    column: str | None
    code: str | None
    params: Mapping[str, str]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    record: HomeRecord | None


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What the workbook says of its project; a CSV file says nothing."""

    name: str | None = None
    region: str | None = None
    address: str | None = None
    service_centre: str | None = None
    hotline: str | None = None
    hours: str | None = None
    phase: str | None = None


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What one cell says: a value, or the code of the fault that keeps it from being read."""

    value: T
    fault: FaultCode | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[NoteCode, ...] = ()

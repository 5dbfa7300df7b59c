"""The owners of one row: names, phones and documents that stand in the same order."""

from dataclasses import dataclass
from datetime import date

from .codes import FaultCode, NoteCode
from .header import Column
from .identity import read_identities
from .names import read_names
from .phones import read_phones
from .records import OwnerCell
from .text import Cell


@dataclass(frozen=True, slots=True)
class OwnerCells:
    """The six cells of a row that speak of owners; None for an empty one or one not to be read."""

    name: Cell
    identity: Cell
    phone: Cell
    co_name: Cell
    co_identity: Cell
    co_phone: Cell


@dataclass(frozen=True, slots=True)
class OwnersRead:
    """The owners, each with the column that their phone stands in; faults and notes by column."""

    owners: tuple[OwnerCell, ...]
    phone_columns: tuple[Column, ...]
    faults: tuple[tuple[Column, FaultCode, dict[str, str]], ...]
    notes: tuple[tuple[Column, NoteCode], ...]


def read_owners(cells: OwnerCells, *, today: date) -> OwnersRead:
    """All owners of a row, the co-owners behind the owners.

    Fewer phones or documents than owners are fine: those behind go without, but the first owner needs a
    phone. More
    than owners are a fault. Two owners with one phone: it is the first one's, since a phone is one person's
    account. Phones or documents of the co-owners may stand in the owners' cell when it holds one for each.
    """
    faults: list[tuple[Column, FaultCode, dict[str, str]]] = []
    phones = read_phones(cells.phone)
    co_phones = read_phones(cells.co_phone)
    names = read_names(cells.name, phones=len(phones.value))
    co_names = read_names(cells.co_name, phones=len(co_phones.value))
    identities = read_identities(cells.identity, today=today)
    co_identities = read_identities(cells.co_identity, today=today)
    readings = {
        "name": names,
        "identity": identities,
        "phone": phones,
        "co_name": co_names,
        "co_identity": co_identities,
        "co_phone": co_phones,
    }
    columns: tuple[Column, ...] = ("name", "identity", "phone", "co_name", "co_identity", "co_phone")
    for column in columns:
        reading = readings[column]
        if reading.fault:
            faults.append((column, reading.fault, dict(reading.params)))
    if not names.value and not names.fault:
        faults.append(("name", "name_missing", {}))
    if not phones.value and not phones.fault:
        faults.append(("phone", "phone_missing", {}))
    if (co_phones.value or co_identities.value) and not co_names.value and not co_names.fault:
        faults.append(("co_phone" if co_phones.value else "co_identity", "co_owner_name_missing", {}))
    if faults:
        return OwnersRead((), (), tuple(faults), ())
    numbers, papers = (
        _dealt(len(names.value), len(co_names.value), first.value, second.value)
        for first, second in ((phones, co_phones), (identities, co_identities))
    )
    if numbers is None:
        surplus: Column = "phone" if len(phones.value) > len(names.value) else "co_phone"
        faults.append((surplus, "owners_phones_mismatch", {}))
    if papers is None:
        surplus = "identity" if len(identities.value) > len(names.value) else "co_identity"
        faults.append((surplus, "owners_ids_mismatch", {}))
    if numbers is None or papers is None:
        return OwnersRead((), (), tuple(faults), ())
    notes = [(column, note) for column in columns for note in readings[column].notes]
    owners: list[OwnerCell] = []
    phone_columns: list[Column] = []
    for index, (name, phone, paper) in enumerate(
        zip(names.value + co_names.value, numbers, papers, strict=True)
    ):
        phone_column: Column = "phone" if index < len(names.value) or not co_phones.value else "co_phone"
        holder = next((owner for owner in owners if phone and owner.phone == phone), None)
        if holder:
            notes.append((phone_column, "phone_shared"))
            if holder.name == name:
                continue
        owners.append(OwnerCell(name, None if holder else phone, paper))
        phone_columns.append(phone_column)
    return OwnersRead(tuple(owners), tuple(phone_columns), (), tuple(notes))


def _dealt(
    owners: int, co_owners: int, first: tuple[str, ...], second: tuple[str, ...]
) -> tuple[str | None, ...] | None:
    """One for each owner and co-owner, None for those without; None as a whole if some are left over."""
    if not second and len(first) == owners + co_owners:
        return first
    if len(first) > owners or len(second) > co_owners:
        return None
    return first + (None,) * (owners - len(first)) + second + (None,) * (co_owners - len(second))

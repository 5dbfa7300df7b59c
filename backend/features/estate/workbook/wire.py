"""Judged rows as JSON between the reading process and its caller: nothing in it can be executed."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from .records import Fault, HomeRecord, JudgedRow, OwnerCell

_DATES = frozenset(item.name for item in fields(HomeRecord) if item.name.endswith("_on"))


def packed(row: JudgedRow) -> dict[str, Any]:
    """A row as plain JSON values."""
    return {
        "row": row.row,
        "state": row.state,
        "code": row.code,
        "faults": [[fault.column, fault.code, dict(fault.params)] for fault in row.faults],
        "notes": list(row.notes),
        "record": _packed_record(row.record) if row.record else None,
    }


def unpacked(line: Mapping[str, Any]) -> JudgedRow:
    """The row that `packed` was given."""
    faults = tuple(Fault(column, code, params) for column, code, params in line["faults"])
    return JudgedRow(
        row=line["row"],
        state=line["state"],
        column=faults[0].column if faults else None,
        code=line["code"],
        params=faults[0].params if faults else {},
        faults=faults,
        notes=tuple(line["notes"]),
        record=_unpacked_record(line["record"]) if line["record"] else None,
    )


def _packed_record(record: HomeRecord) -> dict[str, Any]:
    values = {item.name: getattr(record, item.name) for item in fields(record)}
    values["owners"] = [[owner.name, owner.phone, owner.identity] for owner in record.owners]
    values["area"] = None if record.area is None else str(record.area)
    values |= {name: values[name] and values[name].isoformat() for name in _DATES}
    return values


def _unpacked_record(values: dict[str, Any]) -> HomeRecord:
    values["owners"] = tuple(OwnerCell(*owner) for owner in values["owners"])
    values["area"] = None if values["area"] is None else Decimal(values["area"])
    values |= {name: values[name] and date.fromisoformat(values[name]) for name in _DATES}
    return HomeRecord(**values)

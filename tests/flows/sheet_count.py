"""What a workbook alone says is owed, with nothing of the product in it: openpyxl, and its own count of months."""

import json
from calendar import monthrange
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

Owed = Counter[tuple[str, str, date]]
"""How many homes stand so: obligation, state, day."""


def months_after(day: date, months: int) -> date:
    """The same day of another month; its last day where that month is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def homes_of(workbook: Path, unreadable: Path | None = None) -> list[dict[str, Any]]:
    """The homes of a ledger, without the rows that `unreadable` lists as refused or passed over."""
    sheet = load_workbook(workbook)["业主台账"]
    rows = list(sheet.iter_rows(values_only=True))
    passed = set()
    if unreadable is not None:
        told = json.loads(unreadable.read_text(encoding="utf-8"))
        passed = {one["row"] for one in told["rows"] if one["import"] != "ok"}
    return [
        {str(column): value for column, value in zip(rows[1], row, strict=True)}
        for number, row in enumerate(rows[2:], start=3)
        if any(row) and number not in passed
    ]


def day_of(home: dict[str, Any], column: str) -> date | None:
    value = home[column]
    return value.date() if isinstance(value, datetime) else None


def step_of(home: dict[str, Any], today: date) -> str:
    """Where an owner stands whose visits nobody has recorded as done (CT-01, CT-41)."""
    moved_in = day_of(home, "入住日期")
    if moved_in is not None:
        return "STEP-6" if months_after(moved_in, 12) <= today else "STEP-5"
    handed_over = home["实际交付日期"] is not None or home["领钥匙日期"] is not None
    return "STEP-4" if handed_over else "STEP-3"


def owed_of(home: dict[str, Any], today: date) -> Owed:
    """The visits, the notices and the delivery pack of one home that was imported on `today`."""
    found: Owed = Counter()
    delivered, promised = day_of(home, "实际交付日期"), day_of(home, "合同交付日期")
    lived_since = day_of(home, "入住日期") or day_of(home, "领钥匙日期") or delivered

    def owe(code: str, due: date, given_up: date | None, *, by_itself: bool = False) -> None:
        over = given_up is not None and given_up <= today
        # What the product does by itself on its day is nobody's task that day.
        here = "coming" if due > today or (by_itself and due == today) else "due" if due == today else "late"
        found[code, "missed" if over else here, due] += 1

    if lived_since is not None:
        owe("three-month-visit", months_after(lived_since, 3), months_after(lived_since, 12))
        owe("one-year-check", months_after(lived_since, 12), months_after(lived_since, 24))
    if delivered is not None:
        ends = months_after(delivered, 36)
        owe("warranty-notice", months_after(ends, -2), ends, by_itself=True)
        owe("warranty-expiry-notice", ends, ends + timedelta(days=1), by_itself=True)
    if promised is not None and delivered is None:
        owe("delivery-pack", promised - timedelta(days=10), None)
    return found

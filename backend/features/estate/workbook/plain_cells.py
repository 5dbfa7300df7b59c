"""Cells that need little reading: areas, contract numbers, free text."""

import re
from datetime import date, datetime
from decimal import Decimal

from .dates import clipped
from .records import Reading
from .text import Cell, compact, is_placeholder, spelled, visible

_UNIT = re.compile(r"(?:平方米|平方公尺|平米|平方|平|m2|m²|㎡|sqm|sq\.?m\.?)$", re.IGNORECASE)
_AREA = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d{1,12})?")
_CENTI = Decimal("0.01")
_EXACT = 2**53
_LONGEST_CONTRACT = 64


def read_area(cell: Cell) -> Reading[Decimal | None]:
    """An area in square metres with two decimals, None where the cell is empty."""
    text = _UNIT.sub("", compact(spelled(cell)))
    if is_placeholder(text):
        return Reading(None)
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        text = format(Decimal(str(cell)), "f")
    elif not isinstance(cell, str) or not _AREA.fullmatch(text):
        return Reading(None, "area_text", {"value": clipped(spelled(cell))})
    area = Decimal(text.replace(",", ""))
    if not area.is_finite() or not _CENTI <= area <= 100_000:
        return Reading(None, "area_out_of_range", {"value": clipped(spelled(cell))})
    return Reading(area.quantize(_CENTI))


def read_contract(cell: Cell) -> Reading[str | None]:
    """A contract number without white space, None where the cell is empty."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _EXACT:
        return Reading(None, "number_lost_digits")
    text = compact(spelled(cell))
    if is_placeholder(text):
        return Reading(None)
    if len(text) > _LONGEST_CONTRACT:
        return Reading(None, "text_too_long", {"limit": str(_LONGEST_CONTRACT)})
    return Reading(text)


def read_text(cell: Cell, *, limit: int) -> Reading[str | None]:
    """Free text of at most `limit` characters as it was typed, None where the cell says nothing."""
    if isinstance(cell, datetime | date):
        cell = cell.isoformat()
    text = " ".join(visible(spelled(cell)).split())
    if is_placeholder(text):
        return Reading(None)
    if len(text) > limit:
        return Reading(None, "text_too_long", {"limit": str(limit)})
    return Reading(text)

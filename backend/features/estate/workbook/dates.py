"""Dates as cells hold them: real ones, serial numbers, and text in the ways people write it."""

import re
from datetime import date, datetime, timedelta

from .codes import FaultCode, NoteCode
from .records import Reading
from .text import NUMERAL, Cell, compact, is_placeholder, numeral, plain, spelled

_EARLIEST, _LATEST = date(1990, 1, 1), date(2100, 12, 31)
_EPOCH_1900, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_TIME = (
    r"(?:\s*T?\s*\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?"
    r"|\s*\d{1,2}[时点](?:\d{1,2}分?)?)?"
)
_YEAR_FIRST = re.compile(rf"(\d{{4}})\s*([-/.年])\s*(\d{{1,2}})\s*([-/.月])\s*(\d{{1,2}})\s*[日号.]?{_TIME}")
_TOGETHER = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}}){_TIME}")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_TIME}")
_SHORT_YEAR = re.compile(r"\d{1,2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?")
_NO_DAY = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*月?|\d{4}年?|\d{1,2}月\d{1,2}日?")
_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
_CHINESE = re.compile(rf"([{NUMERAL}]{{4}})年([{NUMERAL}]{{1,3}})月([{NUMERAL}]{{1,3}})[日号]")
_DASHES = re.compile(r"[‐‑‒–—―−]")


def read_date(cell: Cell, *, mac_epoch: bool, from_csv: bool) -> Reading[date | None]:
    """The day a cell means, None where it is empty or says there is none.

    Serial numbers count from 1904 in a workbook that says so (`mac_epoch`). In a CSV file dates are always
    text, so ordinary text is no irregularity there.
    """
    if isinstance(cell, datetime):
        return _plausible(cell.date())
    if isinstance(cell, date):
        return _plausible(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _from_number(float(cell), mac_epoch)
    if cell is not None and not isinstance(cell, str):
        return Reading(None, "date_unreadable", {"value": clipped(spelled(cell))})
    text = _DASHES.sub("-", plain(cell or "")).strip("'")
    if is_placeholder(text):
        return Reading(None)
    return _from_text(text, mac_epoch, from_csv)


def _from_number(number: float, mac_epoch: bool) -> Reading[date | None]:
    if number.is_integer() and 19900101 <= number <= 21001231:
        return _from_text(str(int(number)), mac_epoch, from_csv=False)
    if not 0 <= number < 100_000:
        return Reading(None, "date_unreadable", {"value": clipped(spelled(number))})
    if 1990 <= number <= 2100:
        return Reading(None, "date_incomplete", {"value": clipped(spelled(number))})
    epoch = _EPOCH_1904 if mac_epoch else _EPOCH_1900
    return _plausible(epoch + timedelta(days=int(number)), "date_serial")


def _from_text(text: str, mac_epoch: bool, from_csv: bool) -> Reading[date | None]:
    if match := _YEAR_FIRST.fullmatch(text):
        separator = match[2]
        note: NoteCode | None = {"年": "date_text", ".": "date_dots"}.get(separator)  # type: ignore[assignment]
        if separator == "/" and not from_csv:
            note = "date_text"
        return _day(text, match[1], match[3], match[5], note)
    if match := _TOGETHER.fullmatch(text):
        return _day(text, match[1], match[2], match[3], None if from_csv else "date_text")
    if match := _CHINESE.fullmatch(compact(text)):
        year, month, day = (str(numeral(part)) for part in match.groups())
        return _day(text, year, month, day, "date_text")
    if match := _YEAR_LAST.fullmatch(text):
        first, second = int(match[1]), int(match[2])
        if first <= 12 and second <= 12 and first != second:
            return _unread("date_ambiguous", text)
        return _day(
            text, match[3], *((match[2], match[1]) if first > 12 else (match[1], match[2])), "date_text"
        )
    if _SERIAL.fullmatch(text):
        return _from_number(float(text), mac_epoch)
    if _SHORT_YEAR.fullmatch(text):
        return _unread("date_ambiguous", text)
    return _unread("date_incomplete" if _NO_DAY.fullmatch(text) else "date_unreadable", text)


def _day(text: str, year: str, month: str, day: str, note: NoteCode | None) -> Reading[date | None]:
    try:
        return _plausible(date(int(year), int(month), int(day)), note)
    except ValueError:
        return _unread("date_impossible", text)


def _plausible(day: date, note: NoteCode | None = None) -> Reading[date | None]:
    if not _EARLIEST <= day <= _LATEST:
        return _unread("date_out_of_range", day.isoformat())
    return Reading(day, notes=(note,) if note else ())


def _unread(code: FaultCode, text: str) -> Reading[date | None]:
    return Reading(None, code, {"value": clipped(text)})


def clipped(text: str) -> str:
    """At most the forty first characters of a cell, for a sentence."""
    return text if len(text) <= 40 else f"{text[:39]}…"

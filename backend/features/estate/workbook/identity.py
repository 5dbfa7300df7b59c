"""Identity documents: the mainland card with its check digit, its old form, and papers of other kinds."""

import re
from datetime import date

from .codes import FaultCode
from .records import Reading
from .text import Cell, compact, is_placeholder, plain, spelled

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_CARD = re.compile(r"[1-9]\d{16}[\dX]")
_OLD_CARD = re.compile(r"[1-9]\d{14}")
# Passports, permits for Hong Kong, Macau and Taiwan, foreigners' permits, a company's credit code.
_OTHER = re.compile(r"(?=(?:.*\d){4})(?=.*[A-Z])[A-Z0-9]{6,20}(?:\([0-9A-Z]{1,2}\))?|\d{8,9}")
_SEPARATORS = re.compile(r"[、,;/|&\n]")
_LABEL = re.compile(r"^[\u4e00-\u9fff]{2,8}:?(?=[0-9A-Z])")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d{1,2}")
# Above this a double no longer holds every whole number.
_EXACT = 2**53


def read_identities(cell: Cell, *, today: date) -> Reading[tuple[str, ...]]:
    """Every document number of a cell in its order, upper case and without spaces; none for an empty cell."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _EXACT:
        return Reading((), "id_lost_digits")
    text = plain(spelled(cell)).upper()
    if is_placeholder(text):
        return Reading(())
    if _SCIENTIFIC.fullmatch(compact(text)) and "E" in text and "+" in text:
        return Reading((), "id_lost_digits")
    found: list[str] = []
    for part in filter(None, (part.strip() for part in _SEPARATORS.split(text))):
        words = part.split()
        pieces = words if all(len(word) in (15, 18) for word in words) else ["".join(words)]
        for piece in pieces:
            number = _LABEL.sub("", piece.lstrip("'").replace("-", ""))
            if fault := _fault(number, today):
                return Reading((), fault)
            found.append(number)
    return Reading(tuple(found))


def _fault(number: str, today: date) -> FaultCode | None:
    if len(number) > 40:
        return "id_invalid"
    if number.count("*") >= 2:
        return "id_masked"
    if _CARD.fullmatch(number):
        total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
        if _CHECKS[total % 11] != number[-1]:
            return "id_checksum"
        return None if _is_birthday(number[6:14], today) else "id_date"
    if _OLD_CARD.fullmatch(number):
        return None if _is_birthday(f"19{number[6:12]}", today) else "id_date"
    if _OTHER.fullmatch(number) and number.isascii():
        return None
    return "id_length" if re.fullmatch(r"[0-9]+X?", number) else "id_invalid"


def _is_birthday(digits: str, today: date) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return born.year >= 1850 and born <= today

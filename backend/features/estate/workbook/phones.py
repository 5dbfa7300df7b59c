"""Phone numbers as people type them, to E.164."""

import re
from decimal import Decimal, InvalidOperation

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from .codes import NoteCode
from .records import Reading
from .text import Cell, is_placeholder, plain, spelled, undotted, visible

_MOBILE = re.compile(r"(?:\(?(?:\+|00)?86\)?|0)?(1[3-9]\d{9})")
_SEVERAL = re.compile(r"(?:(?:(?:\+|00)?86)?1[3-9]\d{9}){2,8}")
_EACH = re.compile(r"(?:(?:\+|00)?86)?(1[3-9]\d{9})")
_SEPARATORS = re.compile(r"[、,;/|&]|或|和")
_LABEL = re.compile(
    r"(?:手机|移动|联系|业主|本人)?(?:电话|手机|号码|tel|mobile|phone)+(?:号码?)?[:.]?", re.IGNORECASE
)
_REMARK = re.compile(r"\([^()\d]*\)")
_FILLING = re.compile(r"[\s\-‐‑‒–—―−.·()']+")
_SCIENTIFIC = re.compile(r"[1-9](?:\.\d+)?e\+?\d{1,2}", re.IGNORECASE)
_ABLE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def read_phones(cell: Cell) -> Reading[tuple[str, ...]]:
    """Every phone of a cell in its order, in E.164; none for an empty cell. The default country is China.

    Only numbers that can receive a code pass: mobiles, of any country when it is named (+852 ...).
    """
    raw = spelled(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _numbered(raw)
    text = undotted(plain(raw))
    if is_placeholder(text):
        return Reading(())
    if _SCIENTIFIC.fullmatch(text):
        return _scientific(text)
    text = _LABEL.sub("", _REMARK.sub("", text))
    phones: list[str] = []
    for part in filter(None, (part.strip() for part in _SEPARATORS.split(text))):
        bare = _FILLING.sub("", part)
        if _SEVERAL.fullmatch(bare):
            phones.extend(f"+86{number}" for number in _EACH.findall(bare))
            continue
        one = _one(bare)
        if one.fault:
            return Reading((), one.fault)
        phones.append(one.value)
    return Reading(tuple(phones), notes=_notes(raw, len(phones)))


def _numbered(digits: str) -> Reading[tuple[str, ...]]:
    if not digits.isdigit():
        return Reading((), "phone_invalid")
    one = _one(digits)
    return Reading((), one.fault) if one.fault else Reading((one.value,), notes=("phone_number_cell",))


def _scientific(text: str) -> Reading[tuple[str, ...]]:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Reading((), "phone_invalid")
    # 1.33E+10 stands for every number that begins so: the digits behind are gone.
    if len(number.as_tuple().digits) < 11:
        return Reading((), "phone_lost_digits")
    return _numbered(str(int(number)))


def _one(bare: str) -> Reading[str]:
    if bare.count("*") + bare.lower().count("x") >= 3:
        return Reading("", "phone_masked")
    if match := _MOBILE.fullmatch(bare):
        return Reading(f"+86{match[1]}")
    international = bare.startswith(("+", "00"))
    digits = bare.lstrip("+")
    if not digits.isdecimal() or not digits.isascii():
        return Reading("", "phone_invalid")
    try:
        number = phonenumbers.parse(f"+{digits.lstrip('0')}" if international else digits, "CN")
    except NumberParseException:
        return Reading("", "phone_long" if len(digits) > 11 else "phone_short")
    if phonenumbers.is_valid_number(number) and (international or number.country_code == 86):
        if phonenumbers.number_type(number) not in _ABLE:
            return Reading("", "phone_not_mobile")
        return Reading(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    national = re.sub(r"^(?:00)?86(?=1)", "", digits)
    if len(national) < 11:
        return Reading("", "phone_short")
    return Reading("", "phone_long" if len(national) > 11 else "phone_invalid")


def _notes(raw: str, count: int) -> tuple[NoteCode, ...]:
    shown = visible(raw).strip()
    notes: list[NoteCode] = []
    if any("０" <= char <= "９" for char in shown):
        notes.append("phone_fullwidth")
    if count == 1 and not notes and not re.fullmatch(r"1\d{10}|\+[1-9]\d{6,14}", shown):
        notes.append("phone_spaces")
    return tuple(notes)

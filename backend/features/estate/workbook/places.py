"""Buildings, units and rooms in any spelling, and the keys by which two spellings are the same home."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from .records import Reading
from .text import NUMERAL, Cell, compact, is_placeholder, numeral, plain, simplified, spelled, undotted

_NUMBER = rf"(?:[A-Z]{{1,2}}\d{{0,3}}|\d{{1,4}}[A-Z]?|[{NUMERAL}]{{1,4}}|[甲乙丙丁戊己庚辛])"
_ZONE = r"(?:.{1,12}?(?:期|区|园|苑|庭|组团|地块|标段|-))?"
_BUILDING_WORD = r"(?:号楼|号栋|号幢|号座|栋楼|#楼|#栋|#幢|#座|#|栋|幢|座|楼|号)"
_BUILDING = re.compile(rf"(?P<zone>{_ZONE})第?(?P<number>{_NUMBER})(?P<word>{_BUILDING_WORD}?)")
_BUILDING_HEAD = re.compile(rf"(?P<building>{_ZONE}第?{_NUMBER}{_BUILDING_WORD})(?!层)")
_PREFIX = re.compile(r"(?:BUILDING|BLDG|BLOCK|BLK|TOWER|NO)\.?(?=[A-Z]{0,2}\d|[A-Z]$|[A-Z]-)")
_UNIT = re.compile(rf"第?(?P<number>{_NUMBER})(?:单元|梯|门|号)?")
_UNIT_HEAD = re.compile(rf"第?(?P<unit>{_NUMBER})(?:单元|梯|门)")
_BARE_BEFORE_UNIT = re.compile(rf"(?P<building>{_NUMBER})-?(?=第?{_NUMBER}(?:单元|梯|门))")
_ROOM_WORDS = re.compile(r"^(?:ROOM|RM|FLAT|APT|UNIT)\.?|(?:号房|室|房|户|号)$")
_ROOM = re.compile(r"-?[0-9A-Z\u4e00-\u9fff]+(?:[-/][0-9A-Z\u4e00-\u9fff]+)*")
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−_/\\.,,、·]+")
_LONGEST = 32


class HomeSpelling(NamedTuple):
    """The keys that a text names; None for a part it does not name."""

    building_key: str | None
    unit_key: str | None
    room_key: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A building, unit or room: how it is shown, by what it compares, in what manner it was spelled."""

    text: str
    key: str
    manner: str = ""


NOWHERE = Place("", "")


def _counted(number: str) -> str:
    value = numeral(number)
    return str(value) if value is not None else re.sub(r"^([A-Z]*)0+(?=\d)", r"\1", number)


def _folded(text: str) -> str:
    return simplified(undotted(compact(text))).upper().lstrip("'")


def building_key(text: str) -> Place:
    """The place a building's name means; its manner is what stands around the number."""
    folded = _PREFIX.sub("", _folded(text))
    match = _BUILDING.fullmatch(folded)
    if match is None:
        return Place(plain(text), folded, "named")
    zone, number = match["zone"], _counted(match["number"])
    shown = f"{zone}{number}{_shown_word(match['word'], number)}"
    return Place(shown, f"{zone.rstrip('-')}-{number}" if zone else number, match["word"] or "bare")


def _shown_word(word: str, number: str) -> str:
    kind = word[-1:] if word[-1:] in ("栋", "幢", "座") else ""
    if kind:
        return kind
    return "号楼" if number[-1:].isdigit() else "座"


def unit_key(text: str) -> Place:
    """The place a unit's name means: 1单元, 一单元, 甲, 01 and 1 spell their unit with the same words."""
    folded = re.sub(r"^(?:UNIT|NO)\.?(?=.)", "", _folded(text))
    match = _UNIT.fullmatch(folded)
    if match is None:
        return Place(plain(text), folded, "named")
    number = _counted(match["number"])
    return Place(f"{number}单元", number)


def room_key(text: str) -> Place:
    """The place a room's name means; leading zeros tell no rooms apart, so 0101, 101 and 101室 are one."""
    folded = _ROOM_WORDS.sub("", _folded(text))
    return Place(folded, re.sub(r"^([A-Z]*)0+(?=\d)", r"\1", folded))


def _parts(text: str) -> tuple[str | None, str | None, str | None]:
    rest = _SEPARATORS.sub("-", _PREFIX.sub("", simplified(undotted(plain(text))).upper())).strip("-")
    building: str | None = None
    unit: str | None = None
    head = _BARE_BEFORE_UNIT.match(rest) or _BUILDING_HEAD.match(rest)
    # 101号 alone is a room, 1号 before something else is a building.
    if head and (head.end() < len(rest) or not head["building"].endswith("号")):
        building, rest = head["building"], rest[head.end() :].lstrip("-")
    if head := _UNIT_HEAD.match(rest):
        unit, rest = head["unit"], rest[head.end() :].lstrip("-")
    pieces = [piece for piece in rest.split("-") if piece]
    if unit is None and building is None and len(pieces) >= 3:
        building, unit, pieces = pieces[0], pieces[1], pieces[2:]
    elif unit is None and len(pieces) == 2:
        if building is None:
            building = pieces.pop(0)
        else:
            unit = pieces.pop(0)
    return building, unit, "-".join(pieces) or None


def spell_home(text: str) -> HomeSpelling:
    """The keys in a home's name as people write it: 1-1-0101, 1号楼1单元101, 1#101, 1栋 2单元 301室, 0101.

    Two parts without words (1-0101) are a building and a room. Never raises.
    """
    building, unit, room = _parts(text)
    return HomeSpelling(
        building_key(building).key if building else None,
        unit_key(unit).key if unit else None,
        room_key(room).key if room else None,
    )


def _is_moment(cell: Cell) -> bool:
    return isinstance(cell, date | datetime | time | timedelta)


def read_building(cell: Cell) -> Reading[Place]:
    """A building cell; a place with an empty key where it cannot be read."""
    if _is_moment(cell):
        return Reading(NOWHERE, "cell_is_date")
    text = spelled(cell)
    if is_placeholder(text):
        return Reading(NOWHERE, "building_missing")
    place = building_key(text)
    if len(place.text) > _LONGEST:
        return Reading(NOWHERE, "text_too_long", {"limit": str(_LONGEST)})
    if isinstance(cell, bool) or not any(char.isalnum() for char in place.key) or _is_fraction(cell):
        return Reading(NOWHERE, "building_invalid")
    return Reading(place)


def read_unit(cell: Cell) -> Reading[Place]:
    """A unit cell; an empty one is a building without units."""
    if _is_moment(cell):
        return Reading(NOWHERE, "cell_is_date")
    text = spelled(cell)
    if is_placeholder(text):
        return Reading(NOWHERE)
    place = unit_key(text)
    if len(place.text) > _LONGEST:
        return Reading(NOWHERE, "text_too_long", {"limit": str(_LONGEST)})
    if isinstance(cell, bool) or not any(char.isalnum() for char in place.key) or _is_fraction(cell):
        return Reading(NOWHERE, "unit_invalid")
    return Reading(place)


def read_room(cell: Cell) -> Reading[Place]:
    """A room cell that names a room alone; its manner tells a number from text."""
    if _is_moment(cell):
        return Reading(NOWHERE, "cell_is_date")
    text = spelled(cell)
    if is_placeholder(text):
        return Reading(NOWHERE, "room_missing")
    place = room_key(text)
    if len(place.text) > _LONGEST:
        return Reading(NOWHERE, "text_too_long", {"limit": str(_LONGEST)})
    number = isinstance(cell, int | float)
    if isinstance(cell, bool) or _is_fraction(cell) or _ROOM.fullmatch(place.text) is None:
        return Reading(NOWHERE, "room_invalid")
    return Reading(Place(place.text, place.key, "number" if number else "text"))


def _is_fraction(cell: Cell) -> bool:
    return isinstance(cell, int | float) and (not float(cell).is_integer() or cell < 0)

"""The sheet that holds the homes: which one it is, and in what manner it is mostly written."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice

from .codes import WorkbookRefused
from .header import Column, Header, checked, find_header, is_repeated
from .places import building_key, read_building, read_room, read_unit, spell_home
from .table import Row, Table
from .text import Cell, compact, is_blank, is_placeholder, plain, spelled

LEDGER_NAME = "业主台账"
_MERGED_DOWN: tuple[Column, ...] = ("building", "unit", "room", "home", "project")
_AS_OF = re.compile(r"(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})")


@dataclass(frozen=True, slots=True)
class Ledger:
    """A table with its header."""

    table: Table
    header: Header

    def rows(self) -> Iterator[Row]:
        """The rows below the header; a merged building, unit or room stands in each row it spans."""
        columns = [self.header.columns[column] for column in _MERGED_DOWN if column in self.header.columns]
        held: dict[int, tuple[Cell, int]] = {}
        for number, cells in self.table.rows():
            if number <= self.header.row:
                continue
            for column in columns:
                if range_end := self.table.merged.get((number, column + 1)):
                    held[column] = (cells[column], range_end[0])
                elif column in held and number <= held[column][1]:
                    cells[column] = held[column][0]
            yield number, cells

    def horizon(self, today: date) -> date:
        """The last day on which something recorded here can have happened.

        A title may say as of when the sheet was drawn up (截至2026年11月15日); a day is added for time zones.
        """
        days = [today]
        for text in self.header.before:
            for year, month, day in _AS_OF.findall(plain(text)):
                try:
                    days.append(date(int(year), int(month), int(day)))
                except ValueError:
                    continue
        return max(days) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Manners:
    """How most of the sheet is written, by which the rest is irregular."""

    building: str
    shown: str
    number_rooms: bool
    number_phones: bool
    room_width: int
    divided: frozenset[str]
    """Keys of the buildings whose rows name units."""


def choose(tables: list[Table]) -> tuple[Ledger, list[Table]]:
    """The ledger and the other tables. Raises WorkbookRefused where there is none, or more than one."""
    found = [Ledger(table, header) for table in tables if (header := find_header(table))]
    if not found:
        raise WorkbookRefused("no_ledger_sheet")
    fitting = [whole for ledger in found if not (whole := _with_whole_homes(ledger)).header.missing()]
    if not fitting:
        checked(max(found, key=lambda ledger: len(ledger.header.columns)).header)
    filled = [
        ledger for ledger in fitting if any(not all(map(is_blank, cells)) for _, cells in ledger.rows())
    ]
    named = [ledger for ledger in filled if compact(ledger.table.name) == LEDGER_NAME]
    best = named or filled
    if not best:
        raise WorkbookRefused("ledger_empty", sheet=fitting[0].table.name)
    if len(best) > 1:
        raise WorkbookRefused("ledger_ambiguous", sheets="、".join(ledger.table.name for ledger in best))
    checked(best[0].header)
    return best[0], [table for table in tables if table is not best[0].table]


def _with_whole_homes(ledger: Ledger) -> Ledger:
    """The ledger; rooms that name their building stand for the whole home if no column does."""
    columns = ledger.header.columns
    if "building" in columns or "home" in columns or "room" not in columns:
        return ledger
    index = columns["room"]
    texts = [spelled(cells[index]) for _, cells in islice(ledger.rows(), 50) if not is_blank(cells[index])]
    whole = sum(spell_home(text).building_key is not None for text in texts)
    if not texts or whole * 2 < len(texts):
        return ledger

    def moved(name: Column) -> Column:
        return "home" if name == "room" else name

    header = replace(
        ledger.header,
        columns={moved(name): place for name, place in columns.items()},
        titles={moved(name): title for name, title in ledger.header.titles.items()},
    )
    return replace(ledger, header=header)


def manners(ledger: Ledger) -> Manners:
    """One pass over the ledger to learn how it is mostly written."""
    columns = ledger.header.columns
    spellings: Counter[str] = Counter()
    rooms: Counter[bool] = Counter()
    phones: Counter[bool] = Counter()
    widths: Counter[int] = Counter()
    divided: set[str] = set()
    for _, cells in ledger.rows():
        if is_repeated(ledger.header, cells):
            continue
        building = read_building(_cell(cells, columns.get("building"))).value
        if building.key:
            spellings[building.manner] += building.manner != "named"
            if "unit" in columns and read_unit(_cell(cells, columns["unit"])).value.key:
                divided.add(building.key)
        room = _cell(cells, columns.get("room"))
        if not is_blank(room):
            rooms[isinstance(room, int | float)] += 1
            digits = read_room(room).value.text
            if digits.isdecimal() and digits.startswith("0"):
                widths[len(digits)] += 1
        phone = _cell(cells, columns.get("phone"))
        if not is_blank(phone) and not is_placeholder(spelled(phone)):
            phones[isinstance(phone, int | float)] += 1
    usual = max(spellings, key=lambda manner: (spellings[manner], manner == "号楼"), default="号楼")
    return Manners(
        building=usual,
        shown=building_key(f"1{usual}").text.removeprefix("1") if usual != "bare" else "号楼",
        number_rooms=rooms[True] > rooms[False],
        number_phones=phones[True] > phones[False],
        room_width=max(widths, key=lambda width: widths[width], default=0),
        divided=frozenset(divided),
    )


def _cell(cells: list[Cell], index: int | None) -> Cell:
    return cells[index] if index is not None and index < len(cells) else None

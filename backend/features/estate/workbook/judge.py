"""The rows of a ledger judged against each other, in their order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from .codes import FaultCode, SkipCode
from .header import Column, is_repeated
from .ledger import Ledger, manners
from .phones import read_phones
from .plain_cells import read_text
from .records import Fault, JudgedRow
from .row import Draft, RowReader, Sheet
from .text import Cell, compact, is_blank, simplified, spelled

_TOTAL = re.compile(
    r".{0,12}(?:小计|合计|总计|共计|累计|汇总|总数)(?:[::(].*|\d.*)?|共\d+[户套间户].*|(?:grand|sub)?-?total.*|sum",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(
    r"(?:制表|填表|审核|复核|编制|打印|备注|注|说明|第\d+页|共\d+页|日期|单位|经办|负责人).{0,200}"
)


@dataclass(frozen=True, slots=True)
class _Earlier:
    row: int
    names: str
    contract_no: str | None
    content: int | None


def judged(ledger: Ledger, project: str | None, today: date) -> Iterator[JudgedRow]:
    """Every row below the header that says anything; a blank one holds nothing to be judged."""
    sheet = Sheet(
        header=ledger.header,
        manners=manners(ledger),
        horizon=ledger.horizon(today),
        mac_epoch=ledger.table.mac_epoch,
        from_csv=ledger.table.from_csv,
        project=project or _first_project(ledger),
    )
    judge = _Judge(ledger, sheet)
    for number, cells in ledger.rows():
        if not all(is_blank(cell) for cell in cells):
            yield judge.row(number, cells)


def _first_project(ledger: Ledger) -> str | None:
    index = ledger.header.columns.get("project")
    if index is None:
        return None
    values = (read_text(cells[index], limit=200).value for _, cells in ledger.rows() if index < len(cells))
    return next((value for value in values if value), None)


def _skipped(row: int, code: SkipCode) -> JudgedRow:
    return JudgedRow(row, "skipped", None, code, {}, (), (), None)


class _Judge:
    """Remembers what earlier rows said of homes, contracts and phones."""

    def __init__(self, ledger: Ledger, sheet: Sheet) -> None:
        self._sheet = sheet
        self._spoilt: dict[int, dict[int, FaultCode]] = {}
        for row, column in ledger.table.errors:
            self._spoilt.setdefault(row, {})[column - 1] = "cell_error"
        for row, column in ledger.table.formulas:
            self._spoilt.setdefault(row, {})[column - 1] = "formula"
        self._contents: dict[int, int] = {}
        self._homes: dict[tuple[str, str, str], _Earlier] = {}
        self._contracts: dict[str, int] = {}
        self._phones: dict[str, tuple[str, int]] = {}

    def row(self, number: int, cells: list[Cell]) -> JudgedRow:
        """The answer for one row that is not blank.

        A row that comes twice says so before anything else; otherwise the first fault in the order of columns
        leads.
        """
        spoilt = self._spoilt.get(number, {})
        if reason := self._no_home(cells):
            return _skipped(number, reason)
        draft = RowReader(self._sheet, cells, spoilt).draft()
        if repeated := self._repeated(number, cells, draft):
            faults = (repeated, *draft.faults)
        else:
            faults = draft.faults + self._claimed(number, draft)
        if faults:
            return JudgedRow(
                number, "refused", faults[0].column, faults[0].code, faults[0].params, faults, (), None
            )
        first = draft.notes[0] if draft.notes else None
        return JudgedRow(number, "ok", None, first, {}, (), draft.notes, draft.record)

    def _no_home(self, cells: list[Cell]) -> SkipCode | None:
        filled = [cell for cell in cells if not is_blank(cell)]
        if is_repeated(self._sheet.header, cells):
            return "header_row"
        name = self._text(cells, "name")
        texts = [simplified(compact(spelled(cell))) for cell in filled[:4]]
        if not name or _TOTAL.fullmatch(simplified(name)) or name.isdecimal():
            index = self._sheet.header.columns["phone"]
            callable_ = index < len(cells) and read_phones(cells[index]).value
            if not callable_ and any(_TOTAL.fullmatch(text) for text in texts):
                return "total_row"
            if not callable_ and not self._text(cells, "room") and _FOOTNOTE.fullmatch(texts[0]):
                return "note_row"
        return "note_row" if len(filled) == 1 else None

    def _text(self, cells: list[Cell], column: Column) -> str:
        index = self._sheet.header.columns.get(column)
        return compact(spelled(cells[index])) if index is not None and index < len(cells) else ""

    def _repeated(self, number: int, cells: list[Cell], draft: Draft) -> Fault | None:
        raw = hash(
            tuple(compact(spelled(cells[i])) for i in self._sheet.header.columns.values() if i < len(cells))
        )
        content = None
        if draft.record:
            content = hash(replace(draft.record, building="", unit="", room=""))
        same = self._contents.setdefault(raw, number)
        if same != number:
            return self._fault("room", "duplicate_row", other_row=str(same))
        if draft.home is None:
            return None
        names = self._text(cells, "name") + "/" + self._text(cells, "co_name")
        mine = _Earlier(number, names, draft.contract_no, content)
        earlier = self._homes.setdefault(draft.home, mine)
        if earlier is mine:
            return None
        if content is not None and content == earlier.content:
            return self._fault("room", "duplicate_row", other_row=str(earlier.row))
        again = earlier.names == names and earlier.contract_no == draft.contract_no
        return self._fault(
            "room", "home_repeated" if again else "home_sold_twice", other_row=str(earlier.row)
        )

    def _claimed(self, number: int, draft: Draft) -> tuple[Fault, ...]:
        """Faults of a contract or a phone that an earlier row holds; otherwise they are this row's."""
        faults: list[Fault] = []
        if draft.contract_no:
            first = self._contracts.setdefault(draft.contract_no.upper(), number)
            if first != number:
                faults.append(self._fault("contract_no", "contract_duplicate", other_row=str(first)))
        owners = draft.record.owners if draft.record else ()
        for owner, column in zip(owners, draft.phone_columns, strict=False):
            holder, row = self._phones.get(owner.phone or "", (owner.name, number))
            if holder.casefold() != owner.name.casefold():
                faults.append(self._fault(column, "phone_two_names", other_row=str(row)))
        if not faults:
            self._phones |= {owner.phone: (owner.name, number) for owner in owners if owner.phone}
        columns = [
            self._sheet.header.title(column) for column in sorted(self._sheet.header.columns, key=self._place)
        ]
        return tuple(sorted(faults, key=lambda fault: columns.index(fault.column)))

    def _place(self, column: Column) -> int:
        return self._sheet.header.columns[column]

    def _fault(self, column: Column, code: FaultCode, **params: str) -> Fault:
        title = self._sheet.header.title(column)
        return Fault(title, code, {"column": title, **params})

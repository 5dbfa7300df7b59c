"""What the spreadsheet library does not tell, streamed from the XML: formulas, errors, extent."""

import posixpath
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from xml.parsers import expat

from .archive import Archive
from .codes import WorkbookRefused

_MOST_MARKS = 500_000
_DIGITS = "0123456789"
_COLUMNS = 16_384

Attributes = dict[str, str]


@dataclass(slots=True)
class SheetMarks:
    """A sheet's extent, and its cells that are formulas or errors; all counted from 1."""

    rows: int = 0
    columns: int = 0
    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A worksheet named in the workbook, and the archive's entry that holds it."""

    name: str
    hidden: bool
    entry: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The worksheets of a workbook in their order, and whether its serial dates count from 1904."""

    sheets: tuple[SheetEntry, ...]
    mac_epoch: bool


def contents(archive: Archive) -> Contents:
    """The workbook's table of contents. Raises WorkbookRefused("damaged") where it does not hang together."""
    targets: dict[str, str] = {}
    sheets: list[tuple[str, bool, str]] = []
    epochs: list[bool] = []

    def relation(tag: str, attributes: Attributes) -> None:
        if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes.get("Target", "")
            inside = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            targets[attributes.get("Id", "")] = inside

    def part(tag: str, attributes: Attributes) -> None:
        if tag == "sheet":
            relation_id = next(
                (value for name, value in attributes.items() if name.rpartition(":")[2] == "id"), ""
            )
            sheets.append(
                (attributes.get("name", ""), attributes.get("state", "visible") != "visible", relation_id)
            )
        elif tag == "workbookPr":
            epochs.append(attributes.get("date1904", "0").lower() in ("1", "true", "on"))

    _parse(archive.stream("xl/_rels/workbook.xml.rels"), relation)
    _parse(archive.stream("xl/workbook.xml"), part)
    return Contents(
        tuple(SheetEntry(name, hidden, targets[key]) for name, hidden, key in sheets if key in targets),
        mac_epoch=any(epochs),
    )


def marks(archive: Archive, sheet: SheetEntry) -> SheetMarks:
    """One pass over a sheet's XML. Raises WorkbookRefused: damaged, too_complex."""
    found = SheetMarks()
    numbers: dict[str, int] = {}
    row = column = 0
    error = False

    def element(tag: str, attributes: Attributes) -> None:
        nonlocal row, column, error
        if tag == "c":
            reference = attributes.get("r")
            if reference is None:
                column += 1
            else:
                letters = reference.rstrip(_DIGITS)
                if letters not in numbers:
                    numbers[letters] = _column(letters)
                column = numbers[letters]
                row = _row(reference[len(letters) :])
            error = attributes.get("t") == "e"
        elif tag in {"v", "is", "f"}:
            found.rows = max(found.rows, row)
            found.columns = max(found.columns, column)
            if tag == "f":
                found.formulas.add((row, column))
            elif error:
                found.errors.add((row, column))
            if len(found.formulas) + len(found.errors) > _MOST_MARKS:
                raise WorkbookRefused("too_complex")
        elif tag == "row":
            row = _row(attributes["r"]) if "r" in attributes else row + 1
            column = 0

    _parse(archive.stream(sheet.entry), element)
    return found


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z" or number > _COLUMNS:
            raise WorkbookRefused("damaged")
        number = number * 26 + ord(letter) - 64
    return number


def _row(digits: str) -> int:
    if not digits.isdecimal() or len(digits) > 9:
        raise WorkbookRefused("damaged")
    return int(digits)


def _parse(chunks: Iterable[bytes], element: Callable[[str, Attributes], None]) -> None:
    parser = expat.ParserCreate()
    names: dict[str, str] = {}

    def start(tag: str, attributes: Attributes) -> None:
        local = names.get(tag)
        if local is None:
            local = names[tag] = tag.rpartition(":")[2]
        element(local, attributes)

    def declared(*_: object) -> None:
        raise WorkbookRefused("damaged")

    # A document type is where entities come from; no spreadsheet program writes one.
    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = start
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError) as error:
        raise WorkbookRefused("damaged") from error

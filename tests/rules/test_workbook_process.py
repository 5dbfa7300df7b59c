"""Files that are wrong, hostile or huge, through the confined process."""

import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook as Book
from openpyxl import load_workbook

from backend.features.estate.workbook import WorkbookRefused, read_workbook, template

from .workbook_sheets import HEADER, TODAY, as_csv, home, read, saved, xlsx


def refusal(path: Path) -> WorkbookRefused:
    with pytest.raises(WorkbookRefused) as refused, read_workbook(path, today=TODAY) as workbook:
        list(workbook.rows)
    return refused.value


def repacked(source: Path, **changed: bytes) -> bytes:
    """The workbook with some of its parts replaced or added, by the last part of their names."""
    content = BytesIO()
    with (
        zipfile.ZipFile(source) as old,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in old.namelist():
            stem = Path(name).name.partition(".")[0]
            new.writestr(name, changed.pop(stem, old.read(name)))
        for stem, part in changed.items():
            new.writestr(f"xl/{stem}.xml", part)
    return content.getvalue()


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


def cell(reference: str) -> bytes:
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{row}"><c r="{reference}"><v>1</v></c></row>'.encode()


def zipped(name: str, content: bytes = b"") -> bytes:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr(name, content)
    return archive.getvalue()


def lying_zip() -> bytes:
    """An entry that says it holds 100 bytes, with their checksum, and unpacks to 260 MiB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    # A block that was flushed in full stands alone, so it can be repeated.
    mebibyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = mebibyte * 260 + packer.flush()
    name = b"xl/workbook.xml"
    fields = struct.pack(
        "<HHHHHIIIHH", 20, 0, 8, 0, 33, zlib.crc32(bytes(100)), len(packed), 100, len(name), 0
    )
    local = b"PK\x03\x04" + fields + name
    central = b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    start = len(local) + len(packed)
    return (
        local + packed + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), start, 0)
    )


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
WRONG: dict[str, tuple[bytes | Callable[[Path], bytes], str]] = {
    "empty": (b"", "not_a_workbook"),
    "renamed PDF": (b"%PDF-1.7\n" + bytes(range(256)) * 4, "not_a_workbook"),
    "renamed PNG": (b"\x89PNG\r\n\x1a\n" + bytes(64), "not_a_workbook"),
    "noise": (b"\x01\x02\x03\x04" * 100, "not_a_workbook"),
    "a Word document": (zipped("word/document.xml"), "not_a_workbook"),
    "a binary workbook": (zipped("xl/workbook.bin"), "other_format"),
    "a web page": (b"<html><table><tr><td>1</td></tr></table></html>", "other_format"),
    "an old workbook": (OLE + "Workbook".encode("utf-16-le"), "xls_old"),
    "a locked workbook": (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    "half a zip": (lambda good: good.read_bytes()[:3000], "damaged"),
    "broken XML": (lambda good: repacked(good, sheet1=b"<worksheet><sheetData>"), "damaged"),
    "entities": (
        lambda good: repacked(good, sheet1=b'<!DOCTYPE x [<!ENTITY a "b">]>' + SHEET % b""),
        "damaged",
    ),
    "two far corners": (
        lambda good: repacked(good, sheet1=SHEET % (cell("A1") + cell("XFD1048576"))),
        "too_many_rows",
    ),
    "a far column": (lambda good: repacked(good, sheet1=SHEET % cell("XFD1")), "too_wide"),
    "a wide and long box": (
        lambda good: repacked(good, sheet1=SHEET % (cell("IV1") + cell("A190000"))),
        "too_complex",
    ),
    "no ledger": (lambda good: repacked(good, sheet1=SHEET % cell("A1")), "no_ledger_sheet"),
    "a bomb": (lambda good: repacked(good, sheet1=SHEET % b"", styles=bytes(260 << 20)), "zip_bomb"),
    "a lying bomb": (lambda _: lying_zip(), "zip_bomb"),
    "too large": (bytes(20 * 1024**2 + 1), "too_large"),
    "no known encoding": ("楼栋,房号\n".encode("gb18030") + b"\xff\xff\xff", "csv_undecodable"),
    "an endless field": (b'a,b\n"' + b"x" * 40_000, "csv_field_too_long"),
    "some text": ("今天天气很好。\n".encode(), "no_ledger_sheet"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_refused(tmp_path: Path, kind: str) -> None:
    content, code = WRONG[kind]
    good = xlsx(tmp_path, home(1))
    path = tmp_path / "estate.xlsx"
    path.write_bytes(content if isinstance(content, bytes) else content(good))
    assert refusal(path).code == code


def test_a_shared_string_in_every_cell_stays_within_the_limits(tmp_path: Path) -> None:
    book = Book()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    good = saved(book, tmp_path)
    row = b"<row>" + b'<c t="s"><v>0</v></c>' * 200 + b"</row>"
    strings = b"<sst><si><t>" + b"x" * 32_000 + b"</t></si></sst>"
    path = tmp_path / "multiplied.xlsx"
    path.write_bytes(repacked(good, sheet1=SHEET % (row * 1_000), sharedStrings=strings))
    assert refusal(path).code == "too_complex"


def test_however_many_rows_pass_through_little_memory(tmp_path: Path) -> None:
    path = as_csv(tmp_path, [HEADER, *(home(n, 房号=f"R{n}") for n in range(2_000))], "gb18030")
    tracemalloc.start()
    with read_workbook(path, today=TODAY) as workbook:
        good = sum(row.state == "ok" for row in workbook.rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert good == 2_000
    assert peak < 1024**2


def test_the_process_gives_the_rows_unchanged(tmp_path: Path) -> None:
    path = xlsx(tmp_path, home(1), home(2, 楼栋="1#"), home(3, 房号=None), ["合计"], title=False)
    with read_workbook(path, today=TODAY) as workbook:
        rows: list[Any] = list(workbook.rows)
    assert rows == read(path)
    assert [row.state for row in rows] == ["ok", "ok", "refused", "skipped"]


def test_a_workbook_left_half_read_leaves_no_process(tmp_path: Path) -> None:
    path = xlsx(tmp_path, *(home(n) for n in range(300)))
    with read_workbook(path, today=TODAY) as workbook:
        assert next(workbook.rows).row == 3
        child = workbook.process_id
    assert not Path(f"/proc/{child}").exists()


def test_the_template_is_an_empty_ledger_that_can_be_filled(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    path.write_bytes(template())
    assert refusal(path).code == "ledger_empty"
    book = load_workbook(path)
    assert book.sheetnames == ["项目", "业主台账", "填写说明"]
    assert [title.value for title in book["业主台账"][1]] == HEADER
    book["项目"]["B1"] = "某某"
    guide = list(book["填写说明"].iter_rows(min_row=2, values_only=True))
    book["业主台账"].append([row[3] for row in guide])
    book.save(path)
    with read_workbook(path, today=TODAY) as workbook:
        assert workbook.project.name == "某某"
        (row,) = workbook.rows
    assert (row.state, row.faults) == ("ok", ())

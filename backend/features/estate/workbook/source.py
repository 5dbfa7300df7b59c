"""Which kind of file it is, told by its content: a name proves nothing."""

from pathlib import Path
from typing import Literal

from .codes import WorkbookRefused
from .delimited import read_delimited
from .spreadsheet import read_spreadsheet
from .table import Table

LARGEST_FILE = 20 * 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = (
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"{\\rtf", b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x7fELF", b"MZ", b"SQLite format 3", b"RIFF", b"OggS", b"ID3",
    b"%!PS",
)  # fmt: skip


def tables(path: Path) -> list[Table]:
    """The sheets of a workbook or the one table of a CSV file. Raises WorkbookRefused."""
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise WorkbookRefused("too_large", limit=str(LARGEST_FILE // 1024**2), size=str(-(-size // 1024**2)))
    with path.open("rb") as file:
        head = file.read(16)
    if not head or head.startswith(_FOREIGN):
        raise WorkbookRefused("not_a_workbook")
    if head.startswith(b"PK\x05\x06"):
        raise WorkbookRefused("not_a_workbook")
    if head.startswith(b"PK"):
        return read_spreadsheet(path)
    if head.startswith(_OLE):
        raise WorkbookRefused(_inside_ole(path.read_bytes()))
    return [read_delimited(path)]


def _inside_ole(content: bytes) -> Literal["encrypted", "xls_old", "not_a_workbook"]:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "encrypted"
    old = any(name.encode("utf-16-le") in content for name in ("Workbook", "Book"))
    return "xls_old" if old else "not_a_workbook"

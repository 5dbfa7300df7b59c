"""The least workbook (ECMA-376) that spreadsheet programs open: text in its cells, numbers as numbers, nothing to run.

Written here, because the library that writes any workbook takes every process of ours a quarter of a second to load.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from backend.platform.sheets.table import Cell, Share, Table

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# Styles by their place: as it is, a heading, a share.
_STYLES: Final = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="0.0%"/></numFmts>'
    '<fonts count="2"><font/><font><b/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_NO_NAME: Final = re.compile(r"[\[\]:*?/\\']")
_NO_XML: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_xlsx(tables: Sequence[Table]) -> bytes:
    """The tables, each a sheet of its own. The same tables are the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        for path, text in _parts(tables):
            # A fixed date: when it was written says nothing about what it says.
            package.writestr(zipfile.ZipInfo(path), text, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _parts(tables: Sequence[Table]) -> Iterator[tuple[str, str]]:
    places = range(1, len(tables) + 1)
    yield (
        "[Content_Types].xml",
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{place}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
            for place in places
        )
        + "</Types>",
    )
    yield "_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")])
    yield (
        "xl/workbook.xml",
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
        + "".join(
            f'<sheet name={quoteattr(name)} sheetId="{place}" r:id="rId{place}"/>'
            for place, name in zip(places, _names(tables), strict=True)
        )
        + "</sheets></workbook>",
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        _relations(
            [(f"rId{place}", "worksheet", f"worksheets/sheet{place}.xml") for place in places]
            + [(f"rId{len(tables) + 1}", "styles", "styles.xml")]
        ),
    )
    yield "xl/styles.xml", _STYLES
    for place, table in zip(places, tables, strict=True):
        yield f"xl/worksheets/sheet{place}.xml", _sheet(table)


def _relations(to: Sequence[tuple[str, str, str]]) -> str:
    told = "".join(
        f'<Relationship Id="{id_}" Type="{_RELATIONS}/{kind}" Target="{target}"/>' for id_, kind, target in to
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{told}</Relationships>'


def _names(tables: Sequence[Table]) -> list[str]:
    """Names as sheets may have them: at most 31 characters, none of some, each once."""
    names: list[str] = []
    for place, table in enumerate(tables, start=1):
        name = _NO_NAME.sub(" ", table.name).strip()[:31] or str(place)
        taken = {one.casefold() for one in names}
        names.append(name if name.casefold() not in taken else f"{name[:27]} {place}")
    return names


def _sheet(table: Table) -> str:
    rows = [_row([_cell(one, style=1) for one in table.head])]
    rows += [_row([_cell(one) for one in row]) for row in table.rows]
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def _row(cells: Sequence[str]) -> str:
    return f"<row>{''.join(cells)}</row>"


def _cell(cell: Cell, *, style: int = 0) -> str:
    if cell is None:
        return "<c/>"
    if isinstance(cell, Share):
        return f'<c s="2"><v>{cell.percent / Decimal(100)}</v></c>'
    if isinstance(cell, str):
        text = escape(_NO_XML.sub("", cell))
        return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    return f'<c s="{style}"><v>{cell}</v></c>'

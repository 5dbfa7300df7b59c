"""The empty workbook that a sales department fills in, written as the few parts that a spreadsheet needs."""

import html
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'

# A column's title, whether it must be filled, how it is written, an example.
COLUMNS: tuple[tuple[str, bool, str, str], ...] = (
    ("楼栋", True, "1号楼、1#、1栋均可", "1号楼"),
    ("单元", False, "不分单元的楼栋留空", "1单元"),
    ("房号", True, "以文本填写，保留前面的 0", "0101"),
    ("户型", False, "", "A1 三室两厅"),
    ("建筑面积(㎡)", False, "只填数字", "89.50"),
    ("装修标准", False, "毛坯、全装修等", "毛坯"),
    ("业主姓名", True, "多位业主用“、”隔开", "张三、李四"),
    ("证件号码", False, "以文本填写；多位业主按姓名顺序用“/”隔开", "11010519491231002X"),
    (
        "手机号码",
        True,
        "按姓名顺序用“/”隔开；第一位业主必填，境外号码写明 +国家代码",
        "13800138000/13900139000",
    ),
    ("共有人", False, "与业主分开登记时填写", "王五"),
    ("共有人手机", False, "", "13700137000"),
    ("认购日期", False, "年-月-日，下同", "2026-01-08"),
    ("签约日期", False, "不早于认购日期", "2026-01-15"),
    ("合同编号", False, "每套房一个编号，不能重复", "销字2026第00001号"),
    ("合同交付日期", False, "合同约定的交付日期", "2027-06-30"),
    ("实际交付日期", False, "尚未交付的留空，下同", ""),
    ("领钥匙日期", False, "不早于实际交付日期", ""),
    ("入住日期", False, "不早于领钥匙日期", ""),
    ("通讯地址", False, "", "上海市浦东新区示例路1号"),
    ("置业顾问", False, "", "赵六"),
    ("客户专员", False, "", "钱七"),
    ("备注", False, "", ""),
)
_FACTS = ("项目名称", "城市公司", "项目地址", "物业服务中心", "服务热线", "服务时间", "批次")


def template() -> bytes:
    """An .xlsx file: sheet 项目 for the project's facts, 业主台账 with its header alone, 填写说明 with an
    example.

    The example stands downwards in 填写说明, so that nobody imports it by forgetting to delete it.
    """
    guide: list[tuple[str, ...]] = [("列", "必填", "怎么填", "示例")]
    guide += [(title, "是" if needed else "", how, example) for title, needed, how, example in COLUMNS]
    sheets: dict[str, list[tuple[str, ...]]] = {
        "项目": [(fact, "") for fact in _FACTS],
        "业主台账": [tuple(title for title, *_ in COLUMNS)],
        "填写说明": guide,
    }
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, text in _parts(sheets).items():
            # A fixed date makes the same bytes of every call.
            archive.writestr(ZipInfo(name, (2026, 1, 1, 0, 0, 0)), _DECLARATION + text, ZIP_DEFLATED)
    return content.getvalue()


def _parts(sheets: dict[str, list[tuple[str, ...]]]) -> dict[str, str]:
    numbers = range(1, len(sheets) + 1)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
    overrides += f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
    overrides += "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
        for n in numbers
    )
    named = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1))
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    relations += f'<Relationship Id="rId0" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
    office = f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{overrides}</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{office}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">'
        f'<bookViews><workbookView activeTab="1"/></bookViews><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f"{relations}</Relationships>",
        "xl/styles.xml": _styles(),
    }
    return parts | {f"xl/worksheets/sheet{n}.xml": _sheet(rows) for n, rows in enumerate(sheets.values(), 1)}


def _styles() -> str:
    # Style 1 is text, so that 0101 and long numbers stay what was typed; style 2 is the bold header.
    return (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/></font>'
        '<font><b/><sz val="11"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill>'
        '</fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _sheet(rows: list[tuple[str, ...]]) -> str:
    width = max(len(row) for row in rows)
    lines = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c t="inlineStr" s="{2 if number == 1 else 1}"><is><t>{html.escape(text, quote=False)}</t></is></c>'
            for text in row
        )
        + "</row>"
        for number, row in enumerate(rows, 1)
    )
    return (
        f'<worksheet xmlns="{_MAIN}"><cols><col min="1" max="{width}" width="16" style="1" '
        f'customWidth="1"/></cols>'
        f"<sheetData>{lines}</sheetData></worksheet>"
    )

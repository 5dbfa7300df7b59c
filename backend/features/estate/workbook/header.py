"""Finding the header row and what each column means, in the words that sales departments use for it."""

# A column's spellings stand whole on their lines.

import re
from dataclasses import dataclass
from itertools import islice
from typing import Literal, get_args

from .codes import WorkbookRefused
from .table import Row, Table
from .text import Cell, compact, is_blank, simplified, spelled, visible

Column = Literal[
    "building", "unit", "room", "home", "layout", "area", "fitout", "name", "identity", "phone", "co_name",
    "co_identity", "co_phone", "subscribed_on", "signed_on", "contract_no", "delivery_due_on", "delivered_on",
    "keys_on", "moved_in_on", "address", "consultant", "specialist", "remark", "project",
]  # fmt: skip

_WITHIN = 15
_OWNER = r"(?:业主|客户|买受人|买方|购房人|购房者|产权人|权利人|主业主|第一业主|认购人|业主1|owner|buyer|purchaser)"
_CO = (
    r"(?:其他|产权)?(?:共有产权人|共有权人|共有人|共有业主|共同业主|共同买受人|共买人|共同购房人|联名人|联名业主|配偶|"
    r"第二业主|副业主|业主2|coowner|jointowner|secondowner)1?"
)
_DAY = r"(?:日期|时间|日|年月日|date|on)?"
_PHONE = r"(?:手机号码?|手机|移动电话|联系手机|联系电话|联系方式|电话号码?|电话|mobile|phone|tel|cell|contact|telephone)(?:number|no|号码?)?"
_ID = r"(?:身份证|证件|身份证件|有效证件|身份证明)(?:号码?|编号)?|id(?:card|number|no)?|idcardno|passport(?:no)?"

# For each column its spellings, the surest first: where two columns fit, the surer one is read.
_SPELLINGS: dict[Column, tuple[str, ...]] = {
    "building": (r"(?:所在|所属)?(?:楼栋|楼幢|楼座|楼宇|栋|幢|座|楼)(?:号|名|名称|编号|号码)?|buildingno|building|block|tower|bldg",),
    "unit": (r"(?:所在|所属)?(?:单元|梯|单元门|门栋)(?:号|名|名称|编号|号码)?|unit(?:no)?|entrance|stair",),
    "room": (
        r"(?:房间|房|室)(?:号|号码|编号|名|名称)?|房屋(?:号|号码|编号)|房室号|室房号|room(?:no|number)?|flat(?:no)?|apartment(?:no)?",
        r"(?:户|门牌|单位)(?:号|号码)?",
    ),
    "home": (
        r"(?:房源|房产|房屋|物业)(?:信息|名称|全称|坐落|位置|地址|编码)?|楼栋单元(?:房|室)号|楼(?:栋)?房号|"
        r"(?:栋|楼|幢|座)号?-?单元号?-?(?:房|室)号?|home|property",
    ),
    "layout": (r"户型(?:名称|结构)?|房型|layout|type|unittype|floorplan",),
    "area": (
        r"(?:建筑|合同)面积|(?:gross|built)?(?:floor)?area",
        r"面积|(?:实测|预测|预售|产权|测绘)(?:建筑)?面积|(?:建筑)?面积(?:预测|实测)",
    ),
    "fitout": (r"装修(?:标准|情况|类型|状况)?|(?:交付|交楼|交房)标准|fitout|finish|decoration",),
    "name": (
        rf"{_OWNER}(?:姓名|名称|名字|名|name)|{_OWNER}",
        r"姓名|名字|fullname|name|customer(?:name)?",
    ),
    "identity": (rf"{_OWNER}?(?:{_ID})",),
    "phone": (
        rf"{_OWNER}?(?:手机号码?|手机|移动电话|联系手机|mobile)(?:number|no)?",
        rf"{_OWNER}?{_PHONE}",
    ),
    "co_name": (rf"{_CO}(?:姓名|名称|名字|名|name)?",),
    "co_identity": (rf"{_CO}(?:{_ID})",),
    "co_phone": (rf"{_CO}{_PHONE}|{_PHONE}{_CO}",),
    "subscribed_on": (rf"(?:认购|订购|下定|认购签署|认购书签订|subscribed|subscription|reservation|booking){_DAY}",),
    "signed_on": (
        rf"(?:合同)?(?:签约|签订|签署|签定|网签)(?:合同)?{_DAY}|合同{_DAY[:-1]}|(?:contract)?(?:signed|signing){_DAY}|contractdate",
    ),
    "contract_no": (
        r"(?:商品房|房屋)?(?:买卖|销售|购房|预售|网签)?合同(?:书)?(?:编号|号码|号|备案号|备案编号)|contract(?:no|number|id)?",
    ),
    "delivery_due_on": (
        rf"(?:合同)?(?:约定|规定)的?(?:交付|交房|交楼)?{_DAY}|(?:合同|应|计划|最迟)(?:约定)?(?:交付|交房|交楼){_DAY}|"
        rf"contract(?:ual)?(?:delivery|handover)(?:due)?{_DAY}|(?:delivery|handover)?due{_DAY}",
        rf"(?:交付|交房|交楼){_DAY}|(?:delivery|handover){_DAY}",
    ),
    "delivered_on": (
        rf"(?:实际|实)(?:交付|交房|交楼|收楼|收房|交付收楼|交付收房|交房收房){_DAY}|(?:收楼|收房|接房){_DAY}|"
        rf"(?:actual)?(?:delivered|handedover){_DAY}|actual(?:delivery|handover){_DAY}",
    ),
    "keys_on": (rf"(?:领|交|领取|交接|拿|发放)(?:取)?钥匙{_DAY}|钥匙(?:领取|交接|发放){_DAY}|keys?(?:received|handover|handed)?{_DAY}",),
    "moved_in_on": (rf"(?:实际)?(?:入住|迁入|入伙){_DAY}|moved?in{_DAY}",),
    "address": (r"(?:通讯|通信|联系|邮寄|邮政|现居住|居住|家庭|户籍)(?:地址|住址)|地址|住址|(?:mailing|postal)?address",),
    "consultant": (r"(?:置业|销售)(?:顾问|代表|员)(?:姓名)?|顾问|业务员|(?:sales|property)?consultant|salesperson|agent",),
    "specialist": (r"(?:客户|客服|客户服务|客户关系)(?:专员|管家|主任|经理|人员)(?:姓名)?|(?:customer|service)?specialist",),
    "remark": (r"备注(?:说明)?|说明|附注|remarks?|notes?|comments?",),
    "project": (r"(?:所属|所在)?(?:项目|楼盘|小区)(?:名称|名)?|project(?:name)?",),
}  # fmt: skip
_COMPILED = {
    column: tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)
    for column, patterns in _SPELLINGS.items()
}
_MARKS = re.compile(r"[\s*:.。、/\\_#&'\"·\-]+")
_MEASURE = re.compile(r"(?:m2|平方米|平米|必填|选填)$", re.IGNORECASE)
_BRACKETED = re.compile(r"[(\[{<【〔][^)\]}>】〕]*[)\]}>】〕]")
_BRACKETS = re.compile(r"[()\[\]{}<>【】〔〕]")
_SECOND_OWNER: dict[Column, Column] = {"name": "co_name", "identity": "co_identity", "phone": "co_phone"}
_TITLES = {"building": "楼栋", "room": "房号", "name": "业主姓名", "phone": "手机号码"}


@dataclass(frozen=True, slots=True)
class Header:
    """Where each known column stands (from 0) and how the sheet titles it; `row` is the header's last row."""

    row: int
    columns: dict[Column, int]
    titles: dict[Column, str]
    texts: tuple[str, ...]
    before: tuple[str, ...]

    def missing(self) -> tuple[str, ...]:
        """The titles of required columns that the sheet does not have."""
        placed = "home" in self.columns
        needed = ("name", "phone") if placed else ("building", "room", "name", "phone")
        return tuple(_TITLES[column] for column in needed if column not in self.columns)

    def title(self, column: Column) -> str:
        """The header's text of a column, or of the column that stands for it."""
        if column in self.titles:
            return self.titles[column]
        return self.titles.get("home", _TITLES.get(column, column))


def meaning(text: str) -> tuple[Column, int] | None:
    """The column that a header cell names and how sure its spelling is, 0 being the surest."""
    whole = simplified(compact(text))
    for bare in (_BRACKETS.sub("", whole), _BRACKETED.sub("", whole)):
        word = _MEASURE.sub("", _MARKS.sub("", bare))
        for column in get_args(Column):
            for rank, pattern in enumerate(_COMPILED[column]):
                if word and pattern.fullmatch(word):
                    return column, rank
    return None


def find_header(table: Table) -> Header | None:
    """The likeliest header in the first rows; None where no row looks like one.

    A header may take two rows (业主信息 above 姓名 and 电话). Raises WorkbookRefused("header_twice").
    """
    rows = list(islice(table.rows(), _WITHIN + 1))
    best: Header | None = None
    for index, (number, cells) in enumerate(rows[:_WITHIN]):
        above = rows[:index]
        candidates = [_header(number, [[spelled(cell)] for cell in cells], above)]
        if index + 1 < len(rows) and _is_grouped(table, number):
            lower = rows[index + 1]
            candidates.append(_header(lower[0], _joined(table, rows[index], lower), above))
        for candidate in candidates:
            if best is None or (-len(candidate.missing()), len(candidate.columns)) > (
                -len(best.missing()),
                len(best.columns),
            ):
                best = candidate
    return best if best is not None and len(best.columns) >= 3 else None


def _is_grouped(table: Table, number: int) -> bool:
    return any(row == number for row, _ in table.merged)


def _joined(table: Table, upper: Row, lower: Row) -> list[list[str]]:
    """For each column the texts it may go by: group and title together, the title, the group."""
    width = max(len(upper[1]), len(lower[1]))
    groups = [""] * width
    for index, cell in enumerate(upper[1]):
        _, last = table.merged.get((upper[0], index + 1), (0, index + 1))
        if not is_blank(cell):
            groups[index:last] = [spelled(cell)] * (min(last, width) - index)
    titles = [spelled(cell) for cell in lower[1]] + [""] * (width - len(lower[1]))
    return [
        [group + title, title, group] if title else [group]
        for group, title in zip(groups, titles, strict=True)
    ]


def _header(number: int, names: list[list[str]], above: list[Row]) -> Header:
    found: dict[Column, tuple[int, int]] = {}
    titles: dict[Column, str] = {}
    for index, choices in enumerate(names):
        text, match = next(((text, match) for text in choices if (match := meaning(text))), ("", None))
        if match is None:
            continue
        column, rank = match
        if column in found and (column in _SECOND_OWNER or column == "delivery_due_on"):
            column, rank, index, text = _displaced(found, titles, column, rank, index, text)
        if column not in found or found[column][0] > rank:
            found[column] = (rank, index)
            titles[column] = " ".join(visible(text).split())
        elif found[column][0] == rank:
            titles[column] += f"\n{text}"
    return Header(
        row=number,
        columns={column: index for column, (_, index) in found.items()},
        titles=titles,
        texts=tuple(compact(choices[-1] if len(choices) == 1 else choices[0]) for choices in names),
        before=tuple(spelled(cell) for _, cells in above for cell in cells if not is_blank(cell)),
    )


def _displaced(
    found: dict[Column, tuple[int, int]],
    titles: dict[Column, str],
    column: Column,
    rank: int,
    index: int,
    text: str,
) -> tuple[Column, int, int, str]:
    """What becomes of the second column of one meaning: a second owner's, or the actual beside the promised date."""
    if column != "delivery_due_on":
        return (_SECOND_OWNER[column] if found[column][0] == rank else column), rank, index, text
    if found[column][0] == rank:
        return column, rank, index, text
    if rank == 0:
        # The plain 交付日期 came first: it was the actual one all along.
        (_, bare), title = found[column], titles[column]
        found[column], titles[column] = (rank, index), " ".join(visible(text).split())
        return "delivered_on", 1, bare, title
    return "delivered_on", 1, index, text


def checked(header: Header) -> Header:
    """The header itself. Raises WorkbookRefused where a required column is missing or a title stands twice."""
    for title in header.titles.values():
        if "\n" in title:
            raise WorkbookRefused("header_twice", column=title.partition("\n")[0])
    if missing := header.missing():
        raise WorkbookRefused("header_incomplete", columns="、".join(missing))
    return header


def is_repeated(header: Header, cells: list[Cell]) -> bool:
    """Whether a row says the header again, as printed pages do."""
    first = next((cell for cell in cells if not is_blank(cell)), None)
    if not isinstance(first, str) or compact(first) not in header.texts:
        return False
    filled = [(index, compact(spelled(cell))) for index, cell in enumerate(cells) if not is_blank(cell)]
    same = sum(index < len(header.texts) and text == header.texts[index] for index, text in filled)
    return same >= 2 and same * 2 > len(filled)

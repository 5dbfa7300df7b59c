"""Text as people type it into cells, made comparable."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

Cell = str | float | int | bool | date | datetime | time | timedelta | None
"""A cell's value; None is an empty one."""

# Marks of other categories that show nothing: joiners, selectors, fillers.
_BLANK_MARKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc") | {
    chr(code) for code in range(0xFE00, 0xFE10)
}
_KEPT_CONTROLS = frozenset("\t\n\r\v\f\x85\u2028\u2029")
_PLACEHOLDER = re.compile(
    r"[-‐‑‒–—―−_/\\.。?~*#]*|无|無|没有|沒有|暂无|暫無|空|不详|待定|待补|待補|待填|n/?a|null|none|nil|tbd"
    r"|未(?:知|定|填|交付?|收楼|签约?|认购|领取?|领钥匙|入住|办理?|提供|售)",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)|#{4,}", re.IGNORECASE
)
_SIMPLE = str.maketrans(
    "碼編築準聯屬時間經辦審複總計樓棟單號戶積證話電機訂約認購簽間實際領鑰訊顧問專員備註務項產權買賣戸門層數動產籤標裝銷區廳業",
    "码编筑准联属时间经办审复总计楼栋单号户积证话电机订约认购签间实际领钥讯顾问专员备注务项产权买卖户门层数动产签标装销区厅业",
)
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
NUMERAL = "零〇一二三四五六七八九十百两"


def visible(text: str) -> str:
    """The text without controls, direction marks, zero widths and lone surrogates."""
    if text.isprintable() and (text.isascii() or not _BLANK_MARKS.intersection(text)):
        return text
    return "".join(
        char
        for char in text
        if char in _KEPT_CONTROLS
        or (char not in _BLANK_MARKS and unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    )


def plain(text: str) -> str:
    """Visible text in one width (fullwidth letters and digits become ASCII), without spaces at the ends."""
    return unicodedata.normalize("NFKC", visible(text)).strip()


def compact(text: str) -> str:
    """`plain` without any white space."""
    if text.isascii() and text.isprintable():
        return text.replace(" ", "")
    return unicodedata.normalize("NFKC", "".join(plain(text).split()))


def simplified(text: str) -> str:
    """The traditional forms of the words that headers and addresses are made of, made simplified."""
    return text.translate(_SIMPLE)


def is_placeholder(text: str) -> bool:
    """Whether the text only says that there is nothing to say: empty, 无, -, /, N/A, 待定, 未交付."""
    return _PLACEHOLDER.fullmatch(compact(text)) is not None


def is_error(text: str) -> bool:
    """Whether the text is what a spreadsheet shows for a broken cell."""
    return _ERROR.fullmatch(text.strip()) is not None


def is_blank(cell: Cell) -> bool:
    """Whether a person would see nothing in the cell."""
    return cell is None or (isinstance(cell, str) and not visible(cell).strip())


def spelled(cell: Cell) -> str:
    """The cell as text; a whole number without its decimal point."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def undotted(text: str) -> str:
    """The text without the .0 that a number brings along when it was exported as text."""
    return re.sub(r"^(\s*\d+)\.0+(?=\s*$)", r"\1", text)


def numeral(text: str) -> int | None:
    """A Chinese numeral below a thousand (十二, 二十, 一百零三) or digits read out (二〇二五) as a number."""
    if not text or any(char not in NUMERAL for char in text):
        return None
    if not set(text) & set("十百"):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, digit = 0, 0
    for char in text:
        if char == "百":
            total, digit = total + (digit or 1) * 100, 0
        elif char == "十":
            total, digit = total + (digit or 1) * 10, 0
        else:
            digit = _DIGITS[char]
    return total + digit

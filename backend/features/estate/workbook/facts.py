"""The project's facts from the sheet beside the ledger: labels with their values to the right or below."""

import re
from itertools import islice
from typing import Literal

from .codes import WorkbookRefused
from .records import ProjectFacts
from .table import Table
from .text import Cell, compact, is_placeholder, simplified, spelled, visible

_Fact = Literal["name", "region", "address", "service_centre", "hotline", "hours", "phase"]
_LABELS: dict[_Fact, re.Pattern[str]] = {
    "name": re.compile(r"(?:项目|楼盘|小区)(?:名称|名|案名)|项目|案名|project(?:name)?", re.IGNORECASE),
    "region": re.compile(
        r"城市公司|(?:所属|所在)?(?:区域|城市)(?:公司)?|region|city|citycompany", re.IGNORECASE
    ),
    "address": re.compile(r"(?:项目|楼盘|小区)?(?:地址|坐落|位置)|address", re.IGNORECASE),
    "service_centre": re.compile(
        r"(?:物业)?服务中心(?:名称)?|客户?服务中心|servicecent(?:re|er)", re.IGNORECASE
    ),
    "hotline": re.compile(
        r"(?:服务|客服|物业)?(?:热线|电话)(?:号码)?|(?:服务|客服)热线电话|hotline", re.IGNORECASE
    ),
    "hours": re.compile(r"(?:服务|办公|营业|工作)时间|(?:service|office)?hours", re.IGNORECASE),
    "phase": re.compile(r"批次|期数|分期|(?:项目)?期(?:别|次)|phase", re.IGNORECASE),
}
_WITHIN = 60
_LONGEST = 200


def project_facts(tables: list[Table]) -> ProjectFacts:
    """What the other sheets say. Raises WorkbookRefused("project_ambiguous") for two names."""
    found: dict[_Fact, str] = {}
    for table in tables:
        rows = [cells for _, cells in islice(table.rows(), _WITHIN)]
        for fact, value in _labelled(rows):
            if fact == "name" and found.get("name", value) != value:
                raise WorkbookRefused("project_ambiguous")
            found.setdefault(fact, value)
    return ProjectFacts(**found)


def _labelled(rows: list[list[Cell]]) -> list[tuple[_Fact, str]]:
    facts: list[tuple[_Fact, str]] = []
    for index, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            fact = _label(cell)
            if fact is None:
                continue
            right = cells[column + 1] if column + 1 < len(cells) else None
            below = (
                rows[index + 1][column] if index + 1 < len(rows) and column < len(rows[index + 1]) else None
            )
            # A label beside a label is a heading: its value stands below.
            across = _label(right) is not None and _label(below) is None
            if value := _value(below if across else right):
                facts.append((fact, value))
    return facts


def _label(cell: Cell) -> _Fact | None:
    if not isinstance(cell, str) or len(cell) > 30:
        return None
    word = re.sub(r"[\s*::]+", "", simplified(compact(cell)))
    return next((fact for fact, pattern in _LABELS.items() if pattern.fullmatch(word)), None)


def _value(cell: Cell) -> str | None:
    text = " ".join(visible(spelled(cell)).split())
    return None if is_placeholder(text) else text[:_LONGEST]

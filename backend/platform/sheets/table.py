"""A table, before it is written as anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole in percent, which a workbook keeps as a number."""

    percent: Decimal


Cell = str | int | Decimal | Share | None
"""What stands in a cell; None: it stays empty."""


@dataclass(frozen=True, slots=True)
class Table:
    """A named table: its headings and rows, each as long as the headings."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]

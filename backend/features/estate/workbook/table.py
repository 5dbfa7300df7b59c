"""A sheet as rows of cells, wherever it came from."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from .text import Cell

Row = tuple[int, list[Cell]]
"""A row's number, counted from 1, and its cells from column A on."""


@dataclass(frozen=True, slots=True)
class Table:
    """A named sheet. `rows` starts a new pass at each call.

    `formulas` and `errors` are (row, column) from 1. `merged` gives, for the first cell of a merged range,
    the range's last row and column.
    """

    name: str
    rows: Callable[[], Iterator[Row]]
    formulas: frozenset[tuple[int, int]] = frozenset()
    errors: frozenset[tuple[int, int]] = frozenset()
    merged: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    mac_epoch: bool = False
    from_csv: bool = False

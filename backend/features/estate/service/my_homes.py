"""A person's homes put together as JSON, shaped as `schemas.MyHomes`.

Filled into a text, because phones ask for it all the time: an encoder of anything takes three times as long.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

from backend.features.estate.repository.my_homes import HOME, PROJECT
from backend.features.estate.rules import DATES

_quoted: Final = json.JSONEncoder(ensure_ascii=False).encode


def _object(names: Iterable[str]) -> str:
    return "{" + ",".join(f'"{name}":%s' for name in names) + "}"


_STAGE: Final = len(HOME) + len(PROJECT)
_DATES: Final = slice(_STAGE + 1, _STAGE + 1 + len(DATES))
_OWN: Final = _object(HOME).removesuffix("}")
_HOME: Final = f'{_OWN},"project":{_object(PROJECT)},"stage":%s,"dates":{_object(DATES)},"contract_no":%s}}'
_HOME_WITHOUT_DATES: Final = _HOME.replace(_object(DATES), "null")


def told(rows: Iterable[Sequence[Any]]) -> bytes:
    """`{"items": [...]}` in UTF-8, of rows as the repository gives them."""
    return f'{{"items":[{",".join(map(_home, rows))}]}}'.encode()


def _home(row: Sequence[Any]) -> str:
    id_, ownership, *cells, contract, _mark = row
    told = [
        f'"{id_}"',
        f'"{ownership}"',
        *map(_json, cells),
        "null" if contract is None else _quoted(contract),
    ]
    # Whoever sees the dates sees a stage.
    if row[_STAGE] is not None:
        return _HOME % tuple(told)
    del told[_DATES]
    return _HOME_WITHOUT_DATES % tuple(told)


@lru_cache(maxsize=10_000)
def _json(cell: str | float | date | None) -> str:
    """What many homes have in common: the names of places, days, areas."""
    return f'"{cell}"' if isinstance(cell, date) else _quoted(cell)

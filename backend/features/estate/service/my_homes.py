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


# Where the parts of a row begin, behind the asker's place.
_PROJECT: Final = 1 + len(HOME)
_STAGE: Final = _PROJECT + len(PROJECT)
_CONTRACT: Final = _STAGE + 1 + len(DATES)
_OWN: Final = _object(HOME).removesuffix("}")
_HOME: Final = f'{_OWN},"project":%s,"stage":%s,"dates":{_object(DATES)},"contract_no":%s}}'
_HOME_WITHOUT_DATES: Final = _HOME.replace(_object(DATES), "null")


def told(rows: Iterable[Sequence[Any]]) -> bytes:
    """`{"items": [...]}` in UTF-8, of rows as the repository gives them."""
    return f'{{"items":[{",".join(map(_home, rows))}]}}'.encode()


def _home(row: Sequence[Any]) -> str:
    contract = row[_CONTRACT]
    project, told = _project(row[_PROJECT:_STAGE]), "null" if contract is None else _quoted(contract)
    own = f'"{row[1]}"', f'"{row[2]}"', *map(_json, row[3:_PROJECT])
    # Whoever sees the dates sees a stage.
    if row[_STAGE] is None:
        return _HOME_WITHOUT_DATES % (*own, project, "null", told)
    return _HOME % (*own, project, *map(_json, row[_STAGE:_CONTRACT]), told)


@lru_cache(maxsize=1_000)
def _project(cells: tuple[str | None, ...]) -> str:
    """What all homes of a project have in common."""
    return _object(PROJECT) % tuple(map(_quoted, cells))


@lru_cache(maxsize=10_000)
def _json(cell: str | float | date | None) -> str:
    """What many homes have in common: the names of places, days, areas."""
    return f'"{cell}"' if isinstance(cell, date) else _quoted(cell)

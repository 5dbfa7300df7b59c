"""A person's own homes: the list a phone asks for most, so it is one statement on a connection of its own.

A cheaper statement tells only whether something of it changed.
"""

from collections.abc import Sequence
from datetime import date
from functools import reduce
from operator import xor
from typing import Any, Final, NamedTuple
from uuid import UUID

from backend.db.direct import Direct
from backend.features.estate.rules import DATES, FIRST_STAGE, STAGES

_REACHED = " ".join(f"WHEN o.{field} <= $2 THEN '{name}'" for field, name in STAGES)
_IF_DATES, _IF_CONTRACT = "CASE WHEN m.role = ANY ($3) THEN {} END", "CASE WHEN m.role = ANY ($4) THEN {} END"

# A home as JSON has it: its own, its project's, and its dates together. What a role may not see never leaves here.
HOME: Final = ("id", "ownership_id", "role", "building", "unit", "room", "layout", "area", "fitout")
PROJECT: Final = ("id", "name", "phase", "address", "service_centre", "hotline", "service_hours")
_COLUMNS = ", ".join(
    (
        "h.id::text", "o.id::text",
        "m.role", "h.building", "h.unit", "h.room", "h.layout", "h.area::float8", "h.fitout",
        "p.node_id::text", *(f"p.{name}" for name in PROJECT[1:]),
        _IF_DATES.format(f"CASE {_REACHED} ELSE '{FIRST_STAGE}' END"),
        *(_IF_DATES.format(f"o.{name}") for name in DATES),
        _IF_CONTRACT.format("o.contract_no"),
    )
)  # fmt: skip
_MARK = f"hash_record_extended(ROW({_COLUMNS}, h.sort_key), 0)"
_FROM = """
FROM household_member m
JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
JOIN home h ON h.id = o.home_id
JOIN project p ON p.node_id = h.project_id
WHERE m.account_id = asked.account_id AND m.ended_at IS NULL"""

# For all who ask at once.
_GATHERED = """
SELECT asked.place, told.* FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (account_id, place)
CROSS JOIN LATERAL ({told}) told"""
_MY_HOMES = _GATHERED.format(
    told=f"SELECT {_COLUMNS}, {_MARK} AS mark{_FROM} ORDER BY p.name, h.sort_key, h.id"
)
_UNCHANGED = _GATHERED.format(told=f"SELECT count(*) AS homes, coalesce(bit_xor({_MARK}), 0) AS mark{_FROM}")


class Mark(NamedTuple):
    """Changes with anything that is shown: how many homes there are, and one number for all that is said of them."""

    homes: int
    mark: int


async def my_homes(
    direct: Direct,
    account_id: UUID,
    *,
    today: date,
    dates_roles: tuple[str, ...],
    contract_roles: tuple[str, ...],
) -> tuple[Mark, Sequence[Any]]:
    """Every home the account belongs to now, by what its role there may see, in the order they are shown.

    A home is a row of its asker's place, `HOME`, `PROJECT`, the stage, `rules.DATES`, the contract's number and its
    part of the mark.
    """
    rows = await direct.gathered(_MY_HOMES, (account_id,), (today, dates_roles, contract_roles))
    return Mark(len(rows), reduce(xor, (row["mark"] for row in rows), 0)), rows


async def my_homes_mark(
    direct: Direct,
    account_id: UUID,
    *,
    today: date,
    dates_roles: tuple[str, ...],
    contract_roles: tuple[str, ...],
) -> Mark:
    """The mark of what `my_homes` gives at the same moment."""
    [row] = await direct.gathered(_UNCHANGED, (account_id,), (today, dates_roles, contract_roles))
    return Mark(row["homes"], row["mark"])

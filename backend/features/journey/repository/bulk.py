"""Many rows by one statement: each column travels as one array."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from backend.db.work import Work

Columns = Mapping[str, str]
"""Names of columns with their PostgreSQL types."""


def given(columns: Columns) -> str:
    """The rows that travel, as a table `new`. An array of `jsonb` travels as texts."""
    arrays = ", ".join(f"CAST(:{name} AS {_travels(kind)}[])" for name, kind in columns.items())
    return f"unnest({arrays}) AS new ({', '.join(columns)})"


def insert_sql(table: str, columns: Columns, conflict: str = "") -> str:
    """An INSERT of the rows that travel."""
    names, values = ", ".join(columns), ", ".join(_read(columns))
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {given(columns)} {conflict}"


def update_sql(table: str, columns: Columns) -> str:
    """An UPDATE of the rows that travel, by their `id`."""
    sets = [f"{name} = {value}" for name, value in zip(columns, _read(columns), strict=True) if name != "id"]
    return f"UPDATE {table} SET {', '.join(sets)} FROM {given(columns)} WHERE {table}.id = new.id"


async def run(work: Work, sql: str, columns: Columns, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute one of them; nothing for no rows."""
    if rows:
        await work.execute(text(sql), {name: [row[name] for row in rows] for name in columns})


def _travels(kind: str) -> str:
    return "text" if kind in {"jsonb", "uuid[]"} else kind


def _read(columns: Columns) -> list[str]:
    # An array of arrays would be one array of two dimensions, which all have to be of one length.
    return [
        f"CAST(new.{name} AS {kind})" if _travels(kind) != kind else f"new.{name}"
        for name, kind in columns.items()
    ]

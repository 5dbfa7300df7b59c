"""A query of one asker, made one that is asked for many at once."""

import re
from functools import lru_cache


@lru_cache
def for_many(sql: str, asked: int, told: str = "") -> str:
    """The query for each of many askers: its first `asked` parameters are arrays of ids then, with each one's in them.

    Its first column is the asker's place, counted from 1; `told` are further ones, of `one`, which is the query.
    """
    numbers = range(1, asked + 1)
    arrays = ", ".join(f"${number}::uuid[]" for number in numbers)
    names = ", ".join(f"id_{number}" for number in numbers)
    one = re.sub(
        r"\$(\d+)", lambda found: f"asked.id_{found[1]}" if int(found[1]) <= asked else found[0], sql
    )
    return (
        f"SELECT asked.place{told} FROM unnest({arrays}) WITH ORDINALITY AS asked ({names}, place)"  # noqa: S608  # our own text
        f" CROSS JOIN LATERAL ({one}) one"
    )

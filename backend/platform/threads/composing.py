"""One statement of a hot read and of what the subjects ask. Each text is put together once a process."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from backend.core.caller import Caller
from backend.platform.threads.sight import HotSight, Mine, Sight


class Eyes(NamedTuple):
    """What the kinds of subject that can be asked in SQL ask of a caller."""

    account_id: UUID
    kinds: tuple[tuple[str, str], ...]
    arguments: tuple[tuple[Any, ...], ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """How many arguments each has."""
        return tuple(map(len, self.arguments))


def eyes_of(sights: Mapping[str, Sight], caller: Caller, now: datetime) -> Eyes:
    """What they ask of this caller now."""
    asked = [(kind, one.asks(caller, now)) for kind, one in sights.items() if isinstance(one, HotSight)]
    return Eyes(
        caller.account_id,
        tuple((kind, asks.sql) for kind, asks in asked),
        tuple(asks.arguments for _, asks in asked),
    )


@lru_cache
def with_eyes(template: str, first: int, kinds: tuple[tuple[str, str], ...], counts: tuple[int, ...]) -> str:
    """The statement `template` of `first` parameters, its `{seen}` filled in: whether the subject of `about` is seen.

    `about` is the thread, `asked.account_id` who asks. Null for kinds of subject that cannot be asked in SQL. The
    arguments of `kinds` follow those of the statement.
    """
    cases = []
    for (kind, sql), count in zip(kinds, counts, strict=True):
        asked = re.sub(r"\$1\b", "about.subject_id", _from(first - 2, sql, beyond=2))
        asked = re.sub(r"\$2\b", "asked.account_id", asked)
        cases.append(f" WHEN '{kind}' THEN EXISTS ({asked})")
        first += count
    return template.replace(
        "{seen}", f"CASE about.subject_kind{''.join(cases)} END" if cases else "NULL::boolean"
    )


def together(mine: Sequence[Mine], first: int) -> tuple[str, list[Any]]:
    """One query for the threads of all of these, in a statement of `first` parameters; and its arguments.

    The statement's `$1` is the account, as it is in theirs.
    """
    sql = _together(tuple(one.sql for one in mine), tuple(len(one.arguments) for one in mine), first)
    return sql, [argument for one in mine for argument in one.arguments]


@lru_cache
def _together(queries: tuple[str, ...], counts: tuple[int, ...], first: int) -> str:
    numbered = []
    for sql, count in zip(queries, counts, strict=True):
        numbered.append(_from(first - 1, sql, beyond=1))
        first += count
    return " UNION ALL ".join(numbered) or "SELECT NULL::uuid WHERE false"


def _from(first: int, sql: str, *, beyond: int) -> str:
    """The query with its placeholders, those up to `beyond` left alone, behind `first` others."""
    return re.sub(
        r"\$(\d+)", lambda found: f"${int(found[1]) + first}" if int(found[1]) > beyond else found[0], sql
    )

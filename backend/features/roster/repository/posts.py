"""Positions as a roster sees them, in SQL: with their shifts and overrides."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from backend.core.clock import local_date
from backend.db.statement import Statement
from backend.db.work import Work
from backend.features.roster.rules import Override, Post, Shift

# A position with the shifts that stood at :at and the overrides that have not run out by then. What was set later is
# not looked at: a roster of the past is shown as it stood.
_POST = """
p.id, p.account_id, a.name, p.role, p.node_id, p.since, p.until, a.disabled_at IS NULL AS works,
(
    SELECT json_agg(json_build_array(s.weekdays, s.opens, s.closes, s.since, s.until) ORDER BY s.place)
    FROM roster_shift s WHERE s.position_id = p.id AND s.number = (
        SELECT max(l.number) FROM roster_plan l WHERE l.position_id = p.id AND l.set_at <= :at
    )
) AS shifts,
(
    SELECT json_agg(json_build_array(o.id, o.kind, o.starts_at, LEAST(o.ends_at, o.ended_at), o.stand_in_id)
        ORDER BY o.starts_at)
    FROM roster_override o WHERE o.position_id = p.id
    AND (o.ended_at IS NULL OR o.ended_at > o.starts_at)
    AND COALESCE(LEAST(o.ends_at, o.ended_at) > :at, true)
) AS overrides
FROM position p JOIN account a ON a.id = p.account_id
"""

_ALONG = Statement(
    "SELECT w.node_id AS asked, w.role AS asked_role, n.path, f.*"
    " FROM unnest(CAST(:nodes AS uuid[]), CAST(:roles AS text[])) AS w (node_id, role)"
    " JOIN node n ON n.id = w.node_id LEFT JOIN LATERAL ("
    f"SELECT {_POST} WHERE p.node_id = ANY (n.path) AND p.role = w.role"
    " AND (p.until IS NULL OR p.until > :day)) f ON true ORDER BY f.id"
)

# Their own positions, and those that one of them stands in for.
_OF_ACCOUNTS = Statement(
    f"SELECT {_POST} WHERE (p.until IS NULL OR p.until > :day) AND ("
    "p.account_id = ANY (CAST(:accounts AS uuid[])) OR EXISTS ("
    "SELECT FROM roster_override o JOIN position q ON q.id = o.stand_in_id"
    " WHERE o.position_id = p.id AND q.account_id = ANY (CAST(:accounts AS uuid[]))"
    " AND COALESCE(LEAST(o.ends_at, o.ended_at) > :at, true))) ORDER BY p.id"
)

_NAMED = Statement(f"SELECT {_POST} WHERE p.id = ANY (CAST(:positions AS uuid[]))")

_LOCK = Statement(
    "SELECT id FROM position WHERE id = ANY (CAST(:positions AS uuid[])) ORDER BY id FOR NO KEY UPDATE"
)


@dataclass(slots=True)
class Along:
    """A node's path, root first, and everybody who holds or will hold a role on it."""

    path: list[UUID]
    posts: list[Post]


async def along(
    work: Work, wanted: Collection[tuple[UUID, str]], at: datetime
) -> dict[tuple[UUID, str], Along]:
    """For each node and role, who may be on duty at or after `at`; unknown nodes are left out."""
    asked = sorted(set(wanted))
    found: dict[tuple[UUID, str], Along] = {}
    for row in await work.rows(
        _ALONG,
        {
            "nodes": [node for node, _ in asked],
            "roles": [role for _, role in asked],
            "at": at,
            "day": local_date(at),
        },
    ):
        here = found.setdefault((row["asked"], row["asked_role"]), Along(row["path"], []))
        if row["id"] is not None:
            here.posts.append(_post(row))
    return found


async def posts_of(work: Work, account_ids: Collection[UUID], at: datetime) -> list[Post]:
    """Positions of these accounts, and those that they stand in for at or after `at`."""
    rows = await work.rows(_OF_ACCOUNTS, {"accounts": list(account_ids), "at": at, "day": local_date(at)})
    return [_post(row) for row in rows]


async def posts_locked(work: Work, position_ids: Sequence[UUID], now: datetime) -> dict[UUID, Post]:
    """These positions; nobody else enters anything for them until the unit of work ends."""
    named = {"positions": list(position_ids)}
    await work.rows(_LOCK, named)
    return {row["id"]: _post(row) for row in await work.rows(_NAMED, named | {"at": now})}


def _post(row: asyncpg.Record) -> Post:
    return Post(
        id=row["id"],
        account_id=row["account_id"],
        name=row["name"],
        role=row["role"],
        node_id=row["node_id"],
        since=row["since"],
        until=row["until"],
        works=row["works"],
        shifts=tuple(
            Shift(frozenset(weekdays), opens, closes, _day(since), _day(until))
            for weekdays, opens, closes, since, until in row["shifts"] or []
        ),
        overrides=tuple(
            Override(
                UUID(number),
                kind,
                datetime.fromisoformat(starts),
                None if ends is None else datetime.fromisoformat(ends),
                None if stand_in is None else UUID(stand_in),
            )
            for number, kind, starts, ends, stand_in in row["overrides"] or []
        ),
    )


def _day(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)

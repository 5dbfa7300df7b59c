"""Bundles: when somebody was called last, what waits for them, and that it has rung."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, text
from sqlalchemy.dialects.postgresql import INTERVAL

from backend.db.work import Work

_LAST = text(
    "SELECT w.id AS account_id, (SELECT max(b.rung_at) FROM page_bundle b WHERE b.account_id = w.id) AS rung_at"
    " FROM unnest(CAST(:accounts AS uuid[])) AS w (id)"
)
# What is under way is not committed, and still stands here as due.
_GATHERING = text(
    "SELECT w.id FROM unnest(CAST(:accounts AS uuid[])) AS w (id) WHERE EXISTS (SELECT FROM escalation e"
    " WHERE e.state <> 'ended' AND e.next_at > app_now() - CAST(:lately AS interval) AND e.next_at <= app_now())"
    " AND NOT EXISTS (SELECT FROM page p WHERE p.account_id = w.id AND p.state = 'waiting'"
    " AND p.made_at < app_now() - CAST(:most AS interval))"
).bindparams(bindparam("lately", type_=INTERVAL), bindparam("most", type_=INTERVAL))
# Whoever answers or ends a page at this moment holds it, and may wait for the timer of this bundle.
_TAKE = text(
    "SELECT p.id, p.account_id, e.number, e.clock, e.due_at FROM page p JOIN escalation e ON e.id = p.escalation_id"
    " WHERE p.account_id = ANY (CAST(:accounts AS uuid[])) AND p.state = 'waiting'"
    " ORDER BY e.due_at, p.id FOR NO KEY UPDATE OF p SKIP LOCKED"
)
_LEFT = text(
    "SELECT DISTINCT account_id FROM page WHERE account_id = ANY (CAST(:accounts AS uuid[])) AND state = 'waiting'"
    " AND NOT id = ANY (CAST(:taken AS uuid[])) ORDER BY account_id"
)
_RING = text(
    "WITH w AS (SELECT * FROM unnest(CAST(:pages AS uuid[]), CAST(:bundles AS uuid[]), CAST(:accounts AS uuid[]))"
    " AS w (page_id, bundle_id, account_id)), made AS (INSERT INTO page_bundle (id, account_id, pages, rung_at)"
    " SELECT bundle_id, account_id, count(*), :now FROM w GROUP BY bundle_id, account_id ORDER BY bundle_id)"
    " UPDATE page p SET state = 'ringing', rung_at = :now, bundle_id = w.bundle_id FROM w WHERE p.id = w.page_id"
)

_SILENT = text(
    "SELECT w.id FROM unnest(CAST(:bundles AS uuid[])) AS w (id) WHERE NOT EXISTS ("
    "SELECT FROM page p WHERE p.bundle_id = w.id AND p.state IN ('waiting', 'ringing')) ORDER BY w.id"
)


async def last_rung(work: Work, accounts: Collection[UUID]) -> dict[UUID, datetime]:
    """When each was called last; those who never were are left out."""
    rows = await work.execute(_LAST, {"accounts": sorted(accounts)})
    return {row.account_id: row.rung_at for row in rows if row.rung_at is not None}


async def gathering(
    work: Work, accounts: Collection[UUID], *, lately: timedelta, most: timedelta
) -> set[UUID]:
    """Those of these people for whom more may come at this moment: chains that were due lately still go on.

    Whose first page has waited for `most` is none of them.
    """
    asked = {"accounts": sorted(accounts), "lately": lately, "most": most}
    return {row.id for row in await work.execute(_GATHERING, asked)}


async def take(work: Work, accounts: Collection[UUID]) -> Sequence[Row[Any]]:
    """The pages that wait for these people, the earliest due first, as far as nobody else holds them."""
    return (await work.execute(_TAKE, {"accounts": sorted(accounts)})).all()


async def left(work: Work, accounts: Collection[UUID], taken: Sequence[UUID]) -> list[UUID]:
    """Those of these people for whom pages wait that were not taken."""
    rows = await work.execute(_LEFT, {"accounts": sorted(accounts), "taken": list(taken)})
    return [row.account_id for row in rows]


async def ring(work: Work, now: datetime, rung: Sequence[tuple[UUID, UUID, UUID]]) -> None:
    """Have pages ring, each given with its bundle and person."""
    pages, bundles, accounts = (list(one) for one in zip(*rung, strict=True))
    await work.execute(_RING, {"pages": pages, "bundles": bundles, "accounts": accounts, "now": now})


async def silent(work: Work, bundle_ids: Sequence[UUID]) -> list[UUID]:
    """Those of these bundles of which no page is open."""
    return list(await work.scalars(_SILENT, {"bundles": list(bundle_ids)}))

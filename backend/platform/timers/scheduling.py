"""Setting timers, moving them, calling them off."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import text

from backend.core.ids import new_id
from backend.db.statement import Statement
from backend.db.work import Work
from backend.platform.outbox import Waker

DRAIN = "drain_timers"

# Further ahead than this, the sweep of some worker will have seen it long before.
_NEAR = timedelta(minutes=5)

_SCHEDULE = Statement(
    "INSERT INTO timer (id, kind, key, due_at, next_try_at, payload)"
    " SELECT id, kind, key, due_at, due_at, CAST(payload AS jsonb) FROM unnest(CAST(:ids AS uuid[]),"
    " CAST(:kinds AS text[]), CAST(:keys AS text[]), CAST(:dues AS timestamptz[]), CAST(:payloads AS text[]))"
    " AS new (id, kind, key, due_at, payload)"
    " ON CONFLICT (kind, key) DO UPDATE SET due_at = excluded.due_at, next_try_at = excluded.due_at,"
    " payload = excluded.payload, state = 'pending', version = timer.version + 1, attempts = 0,"
    " armed_at = app_now(), fired_at = NULL, lateness = NULL, last_error = NULL"
    " WHERE timer.due_at <> excluded.due_at OR timer.state = 'cancelled'"
    " RETURNING due_at - app_now() AS due_in"
)
# One that is pending is not even touched: so nobody waits for whoever fires it at this moment.
_KEEP = text(
    "INSERT INTO timer (id, kind, key, due_at, next_try_at, payload)"
    " SELECT :id, :kind, :key, CAST(:due_at AS timestamptz), CAST(:due_at AS timestamptz), '{}' WHERE NOT EXISTS ("
    "SELECT FROM timer WHERE kind = :kind AND key = :key AND state IN ('pending', 'parked'))"
    " ON CONFLICT (kind, key) DO UPDATE SET due_at = excluded.due_at, next_try_at = excluded.due_at,"
    " state = 'pending', version = timer.version + 1, attempts = 0, armed_at = app_now(), fired_at = NULL,"
    " lateness = NULL, last_error = NULL WHERE timer.state IN ('fired', 'cancelled')"
)
_CANCEL = text(
    "UPDATE timer SET state = 'cancelled', version = version + 1 WHERE id IN ("
    "SELECT id FROM timer WHERE kind = :kind AND key = ANY(CAST(:keys AS text[])) AND state IN ('pending', 'parked')"
    " ORDER BY key FOR UPDATE) RETURNING id"
)


@dataclass(frozen=True, slots=True)
class NewTimer:
    """What is to be set: at `due_at` the handler of `kind` is given `payload`.

    `key` tells one timer of a kind from the others; it and the payload hold ids, nothing personal.
    """

    kind: str
    key: str
    due_at: datetime
    payload: dict[str, Any]


async def schedule(
    work: Work, waker: Waker, kind: str, key: str, due_at: datetime, payload: dict[str, Any]
) -> None:
    """Set one timer within the caller's transaction: see `schedule_many`."""
    await schedule_many(work, waker, [NewTimer(kind, key, due_at, payload)])


async def schedule_many(work: Work, waker: Waker, timers: Sequence[NewTimer]) -> None:
    """Set any number of timers by one statement within the caller's transaction.

    There is one timer of a kind and key. Set again for the same moment, nothing happens, whether it is pending, parked
    or has fired; for another moment it is moved, with the new payload and without its failures, and one that had
    fired is armed again. One that was called off is armed again in either case. Of two with one key the last counts.
    A moment that is past fires at once.

    `due_at` comes from the event that it hangs on, never from when another timer happened to fire: so lateness never
    adds up.
    """
    # In one order for everybody, so that two who set the same ones do not wait for each other in a circle.
    wanted = sorted({(one.kind, one.key): one for one in timers}.items())
    if not wanted:
        return
    set_anew = await work.rows(
        _SCHEDULE,
        {
            "ids": [new_id() for _ in wanted],
            "kinds": [one.kind for _, one in wanted],
            "keys": [one.key for _, one in wanted],
            "dues": [one.due_at for _, one in wanted],
            "payloads": [json.dumps(one.payload) for _, one in wanted],
        },
    )
    soonest = min((row["due_in"] for row in set_anew), default=_NEAR)
    if soonest < _NEAR:
        work.after_commit(partial(waker.wake_in, soonest, DRAIN))


async def keep(work: Work, kind: str, key: str, due_at: datetime) -> None:
    """Have a timer that sets itself anew whenever it fires: set it, unless it runs already or is parked."""
    await work.execute(_KEEP, {"id": new_id(), "kind": kind, "key": key, "due_at": due_at})


async def cancel(work: Work, kind: str, keys: Sequence[str]) -> int:
    """Call timers off, within the caller's transaction. Returns how many: one that has fired stays fired.

    Waits for a worker that is firing one of them at this moment, and then comes too late for it.
    """
    found = await work.execute(_CANCEL, {"kind": kind, "keys": list(keys)})
    return len(found.all())

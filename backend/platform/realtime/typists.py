"""Who is writing on a thread, for those who do not watch it: in Valkey, for as long as it is said anew."""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.platform.bus import ValkeyLine
from backend.platform.realtime.messages import Typed

KEPT_SECONDS: Final = 10
"""A little more than a watcher is shown it: what ends it there removes it here."""

_PATIENCE_SECONDS: Final = 0.25


class Typist(NamedTuple):
    """Somebody who is writing."""

    staff: bool
    account_id: UUID


def keep(line: ValkeyLine, thread_id: UUID, typed: Typed) -> None:
    """Note that somebody is writing, or no longer."""
    key, field = f"typing:{thread_id}", str(typed.account)
    if typed.on:
        line.tell("HSETEX", key, "EX", KEPT_SECONDS, "FIELDS", 1, field, "s" if typed.staff else "o")
    else:
        line.tell("HDEL", key, field)


async def who_types(valkey: Redis, thread_ids: Sequence[UUID]) -> dict[UUID, list[Typist]]:
    """Who is writing on these threads, in one order always; those without anybody are left out.

    Nobody, while Valkey is away.
    """
    if not thread_ids:
        return {}
    pipeline = valkey.pipeline(transaction=False)
    for thread_id in thread_ids:
        pipeline.hgetall(f"typing:{thread_id}")
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            found: list[dict[bytes, bytes]] = await pipeline.execute()
    except (RedisError, OSError, TimeoutError):
        return {}
    return {
        thread_id: sorted(Typist(kind == b"s", UUID(account.decode())) for account, kind in kept.items())
        for thread_id, kept in zip(thread_ids, found, strict=True)
        if kept
    }

"""The API and the worker killed, drained and cut off while requests run: what was acknowledged holds."""

import asyncio
import signal
import time
from collections.abc import Callable
from uuid import UUID

import asyncpg
import httpx
from redis.asyncio import Redis
from sqlalchemy import text

from backend.core.config import Settings
from backend.db.url import asyncpg_arguments
from backend.platform.outbox import Waker
from tests.fixtures.forks import Child
from tests.fixtures.live import LiveApp, LiveApps
from tests.fixtures.people import SignedIn, owner_account
from tests.fixtures.process import Begin
from tests.flows.waiting import until

PHONES = [f"+8613800{number:06}" for number in range(60)]
_WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
_LISTENERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
)


async def known(work: Begin) -> None:
    async with work() as session:
        for phone in PHONES:
            await owner_account(session, phone)


async def messages(client: httpx.AsyncClient, phone: str) -> int:
    kept = await client.get("/dev/mailbox/messages", params={"address": phone})
    return len(kept.json()["items"])


async def test_a_killed_worker_loses_no_message(
    live_app: LiveApps, spawn: Callable[..., Child], work: Begin
) -> None:
    await known(work)
    live = await live_app(worker=True)
    assert live.worker is not None
    async with httpx.AsyncClient(base_url=live.url) as client:

        async def ask(number: int) -> int:
            # From addresses of their own: limits go by address.
            headers = {"x-forwarded-for": f"10.0.0.{number}"}
            asked = await client.post("/v1/auth/codes", json={"phone": PHONES[number]}, headers=headers)
            return asked.status_code

        first = [asyncio.create_task(ask(number)) for number in range(30)]
        await until(lambda: _first_message(client))
        live.worker.kill()
        live.worker.wait()
        async with work() as session:
            # As if the leases of what it had in hand were over: it is asked after, and sent where it was not taken.
            over = "leased_until = app_now(), tried_at = app_now() - interval '1 minute'"
            await session.execute(text(f"UPDATE delivery SET {over} WHERE state = 'leased'"))
        second = [asyncio.create_task(ask(number)) for number in range(30, len(PHONES))]
        assert set(await asyncio.gather(*first, *second)) == {202}
        spawn("worker")

        async def all_done() -> bool | None:
            async with work() as session:
                open_ones = (
                    "SELECT (SELECT count(*) FROM outbox) + count(*) FROM delivery WHERE state <> 'accepted'"
                )
                return await session.scalar(text(open_ones)) == 0 or None

        await until(all_done, seconds=30)
        # None lost, and none twice although jobs were in hand when the worker died.
        assert [await messages(client, phone) for phone in PHONES] == [1] * len(PHONES)


async def _first_message(client: httpx.AsyncClient) -> bool | None:
    return bool((await client.get("/dev/mailbox/messages")).json()["items"]) or None


async def test_of_two_nodes_both_know_a_revocation_and_one_drains(
    live_app: LiveApps, settings: Settings, work: Begin, signed_in: SignedIn
) -> None:
    async with work() as session:
        account = (await owner_account(session, PHONES[0])).id
    here, there = await asyncio.gather(live_app(), live_app())
    aside = await asyncpg.connect(**asyncpg_arguments(settings.database_url))
    try:
        # Also while the line between them is cut.
        for line in ("standing", "cut") * 3:
            await _a_revocation_holds_on_both(here, there, await signed_in(account), aside, line)
        await _sigterm_lets_a_request_finish_and_takes_no_more(
            there, account, await signed_in(account), aside
        )
    finally:
        await aside.close()


async def _a_revocation_holds_on_both(
    here: LiveApp, there: LiveApp, headers: dict[str, str], aside: asyncpg.Connection, line: str
) -> None:
    async with httpx.AsyncClient(base_url=here.url) as a, httpx.AsyncClient(base_url=there.url) as b:
        # Twice, so that both nodes have it in their cache.
        for client in (a, b, a, b):
            assert (await client.get("/v1/me", headers=headers)).status_code == 200
        if line == "cut":
            await aside.execute(_LISTENERS)
        ended = await a.delete("/v1/me/sessions", headers=headers)
        assert ended.status_code == 204
        since = time.monotonic()

        async def is_out() -> bool | None:
            return (await b.get("/v1/me", headers=headers)).status_code == 401 or None

        await until(is_out, seconds=1.0)
        assert (await a.get("/v1/me", headers=headers)).status_code == 401
        assert time.monotonic() - since < 1.0


async def _sigterm_lets_a_request_finish_and_takes_no_more(
    live: LiveApp, account: UUID, headers: dict[str, str], aside: asyncpg.Connection
) -> None:
    holding = aside.transaction()
    await holding.start()
    await aside.execute("SELECT 1 FROM account WHERE id = $1 FOR UPDATE", account)
    async with httpx.AsyncClient(base_url=live.url, timeout=30) as client:
        slow = asyncio.create_task(client.patch("/v1/me", json={"name": "孙建华"}, headers=headers))

        async def is_waiting() -> bool | None:
            return await aside.fetchval(_WAITING) == 1 or None

        await until(is_waiting)
        live.api.send_signal(signal.SIGTERM)
        await until(lambda: _refuses(live))
        assert not slow.done()
        await holding.rollback()
        assert (await slow).status_code == 200
    assert live.api.wait(10) in (0, -signal.SIGTERM)
    assert await aside.fetchval("SELECT name FROM account WHERE id = $1", account) == "孙建华"


async def _refuses(live: LiveApp) -> bool | None:
    async with httpx.AsyncClient(base_url=live.url) as client:
        try:
            await client.get("/healthz")
        except httpx.TransportError:
            return True
    return None


async def test_wake_ups_at_once_leave_no_line_open(valkey_url: str) -> None:
    waker = Waker(valkey_url)
    await asyncio.gather(*(waker.wake() for _ in range(10)))
    await waker.aclose()
    database = valkey_url.rpartition("=")[2]
    async with Redis.from_url(valkey_url) as valkey:
        ours = [client for client in await valkey.client_list() if client["db"] == database]
        assert len(ours) == 1, "only the one that asks"
        assert await valkey.zcard("arq:queue") == 10
